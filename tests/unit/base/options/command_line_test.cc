// SPDX-License-Identifier: Apache-2.0

#include "base/options/command_line.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pinhole {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

enum class Size { kSmall, kLarge };

// A program with commands.
struct Program {
  bool loud = false;
  std::string photo;
  std::vector<int> ladder = {1, 5};
  Size size = Size::kLarge;
  std::string colour;
  std::string title;
  std::string done;
  CommandLine line{"program", "A program", "1.2"};

  Program() {
    line.FallThrough();
    line.AddFlag("--loud", loud, "Be loud");
    CliCommand show = line.AddCommand("show", "Show a photo");
    show.Add("PHOTO", photo, "The photo").Required();
    show.AddChoice<Size>("--size", size,
                         {{"small", Size::kSmall}, {"large", Size::kLarge}},
                         "How large");
    show.Add("--colour", colour, "The tone").OneOf({"grey", "sepia"});
    show.Add("--title", title, "The title");
    show.OnParsed([this] { done = "show " + photo; });
    CliCommand lab = line.AddCommand("lab", "Measure").FallThrough();
    lab.AddCommand("stress", "Put load on it")
        .OnParsed([this] { done = "stress"; })
        .Add("--ladder", ladder, "Steps")
        .CommaSeparated()
        .Range(1, 100)
        .ShowDefault();
  }

  std::string Error(std::vector<std::string> arguments) {
    const auto exit = line.Parse(std::move(arguments));
    if (!exit) return "no error";
    EXPECT_EQ(exit->code, 2);
    return exit->text;
  }
};

TEST(CommandLineTest, CommandAtAnotherPlaceIsNamedWithItsPath) {
  for (const char* word : {"stress", "test:stress", "lab:stress"}) {
    EXPECT_THAT(Program().Error({word, "--ladder", "5"}),
                HasSubstr("run `program lab stress`"))
        << word;
  }
  EXPECT_THAT(Program().Error({"lab", "test:stress"}),
              HasSubstr("run `program lab stress`"));
  EXPECT_THAT(Program().Error({"show:photos"}),
              HasSubstr("run `program show`"));
  EXPECT_THAT(Program().Error({"test:nothing"}),
              AllOf(HasSubstr("unknown command 'test:nothing'"),
                    Not(HasSubstr("; run"))));
}

TEST(CommandLineTest, TheCommandIsCalledWithItsArguments) {
  Program program;

  ASSERT_FALSE(program.line.Parse({"show", "7", "--size", "small", "--loud"}));

  EXPECT_EQ(program.done, "show 7");
  EXPECT_EQ(program.size, Size::kSmall);
  EXPECT_TRUE(program.loud);
}

TEST(CommandLineTest, ListsHaveCommas) {
  Program program;

  ASSERT_FALSE(program.line.Parse({"lab", "stress", "--ladder", "2,3"}));

  EXPECT_THAT(program.ladder, ElementsAre(2, 3));
}

TEST(CommandLineTest, MistakesAreSaidWithTheCommandThatHasHelp) {
  EXPECT_EQ(Program().Error({"show", "7", "--size", "huge"}),
            "program: --size: must be one of small|large, got \"huge\"\n"
            "Run `program show --help` for more information.\n");
  EXPECT_THAT(Program().Error({"lab", "stress", "--ladder", "200"}),
              HasSubstr("Run `program lab stress --help` for more"));
  EXPECT_THAT(Program().Error({}), HasSubstr("program: A subcommand is"));
  EXPECT_THAT(Program().Error({"show", "\x1b[2J", "x"}),
              HasSubstr("program: The following argument was not expected: x"));
}

TEST(CommandLineTest, UnknownCommandsAreToldWithTheNearest) {
  EXPECT_EQ(Program().Error({"shwo"}),
            "program: unknown command 'shwo'; did you mean `program show`?\n"
            "Run `program --help` for more information.\n");
  EXPECT_EQ(Program().Error({"lab", "stres"}),
            "program: unknown command 'stres'; did you mean `program lab "
            "stress`?\n"
            "Run `program lab --help` for more information.\n");
  // An unknown word before the name of another command.
  EXPECT_THAT(
      Program().Error({"shwo", "lab", "stress"}),
      HasSubstr("unknown command 'shwo'; did you mean `program show`?"));
  EXPECT_THAT(Program().Error({"lab", "strees", "show", "7"}),
              HasSubstr("did you mean `program lab stress`?"));
  EXPECT_THAT(Program().Error({"strses"}),
              HasSubstr("did you mean `program lab stress`?"));
  EXPECT_THAT(Program().Error({"\x1b[2J"}), HasSubstr("'\\x1b[2J'"));
}

TEST(CommandLineTest, UnknownOptionsAreNamedWithTheNearestOfTheCommand) {
  EXPECT_EQ(Program().Error({"show", "7", "--szie", "small"}),
            "program: --szie is not an option of `program show`; did you mean "
            "--size?\n"
            "Run `program show --help` for more information.\n");
  EXPECT_THAT(Program().Error({"--luod", "show", "7"}),
              HasSubstr("did you mean --loud?"));
  EXPECT_THAT(Program().Error({"lab", "stress", "--lader=5"}),
              HasSubstr("--lader is not an option of `program lab stress`; did "
                        "you mean --ladder?"));
  // The missing argument is a consequence of the unknown option.
  EXPECT_THAT(Program().Error({"show", "--luod"}),
              HasSubstr("did you mean --loud?"));
  EXPECT_THAT(Program().Error({"show", "7", "--ladder", "5"}),
              HasSubstr("--ladder is not an option of `program show`\n"));
}

TEST(CommandLineTest, OptionBeforeItsCommandIsExplained) {
  EXPECT_THAT(Program().Error({"--size", "small", "show", "7"}),
              HasSubstr("--size is an option of `program show`; write it after "
                        "the command"));
}

TEST(CommandLineTest, UnknownValuesAreNamedWithTheNearest) {
  EXPECT_THAT(
      Program().Error({"show", "7", "--size", "smal"}),
      HasSubstr("must be one of small|large, got \"smal\"; did you mean "
                "small?"));
  EXPECT_THAT(Program().Error({"show", "7", "--colour", "gery"}),
              HasSubstr("must be one of grey|sepia, got \"gery\"; did you mean "
                        "grey?"));
}

TEST(CommandLineTest, ValuesCanBeEmpty) {
  for (const std::vector<std::string>& written :
       {std::vector<std::string>{"--title="}, {"--title", ""}}) {
    Program program;
    program.title = "before";
    std::vector<std::string> arguments = {"show", "7"};
    arguments.insert(arguments.end(), written.begin(), written.end());
    arguments.insert(arguments.end(), {"--size", "small"});

    ASSERT_FALSE(program.line.Parse(arguments));

    EXPECT_EQ(program.title, "");
    EXPECT_EQ(program.size, Size::kSmall);
  }
}

TEST(CommandLineTest, HelpAndVersionAreAskedFor) {
  const auto help = Program().line.Parse({"show", "--help"});
  const auto version = Program().line.Parse({"--version"});

  ASSERT_TRUE(help && version);
  EXPECT_EQ(help->code, 0);
  EXPECT_THAT(help->text, HasSubstr("small|large=large"));
  EXPECT_EQ(version->code, 0);
  EXPECT_EQ(version->text, "1.2\n");
}

}  // namespace
}  // namespace pinhole
