// SPDX-License-Identifier: Apache-2.0

#include "base/options/option_sources.h"

#include <stdlib.h>

#include <fstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temp_dir.h"

namespace pinhole {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// A program with an option of each kind.
struct Program {
  int loops = 1;
  std::string token;
  std::vector<std::string> origins;
  bool noisy = false;
  CommandLine app{"program", "A program"};
  OptionSources sources{app, {"--token"}};

  Program() {
    app.Add("--loops", loops, "").Range(0, 256).ShowDefault();
    app.Add("--token", token, "");
    app.Add("--origin", origins, "").CommaSeparated();
    app.AddFlag("--noisy", noisy, "");
  }

  // What it exits with, or nothing.
  std::optional<ExitRequest> Run(std::vector<std::string> arguments,
                                 const absl::Status& check = absl::OkStatus()) {
    std::vector<const char*> argv = {"program"};
    for (const auto& argument : arguments) argv.push_back(argument.c_str());
    if (auto exit = sources.Parse(static_cast<int>(argv.size()), argv.data())) {
      return exit;
    }
    return sources.Answer([&check] { return check; });
  }
};

class OptionSourcesTest : public ::testing::Test {
 protected:
  ~OptionSourcesTest() override {
    for (const std::string& name : variables_) unsetenv(name.c_str());
  }

  void SetVariable(const std::string& name, const std::string& value) {
    variables_.push_back(name);
    setenv(name.c_str(), value.c_str(), 1);
  }

  std::string File(const std::string& text) {
    std::string path = (dir_.path() / "program.conf").string();
    std::ofstream(path) << text;
    return path;
  }

  // The error of a run, which must be wrong usage.
  std::string Error(std::vector<std::string> arguments) {
    Program program;
    const auto exit = program.Run(std::move(arguments));
    if (!exit) return "no error";
    EXPECT_EQ(exit->code, 2);
    return exit->text;
  }

 private:
  testing::TempDir dir_;
  std::vector<std::string> variables_;
};

TEST_F(OptionSourcesTest, FlagBeatsEnvironmentBeatsFileBeatsDefault) {
  const auto loops = [](std::vector<std::string> arguments) {
    Program program;
    EXPECT_FALSE(program.Run(std::move(arguments)));
    return program.loops;
  };
  const std::string file = File("loops = 2\n");

  EXPECT_EQ(loops({}), 1);
  EXPECT_EQ(loops({"--config", file}), 2);
  SetVariable("PINHOLE_LOOPS", "3");
  EXPECT_EQ(loops({"--config", file}), 3);
  EXPECT_EQ(loops({"--config", file, "--loops", "4"}), 4);
  EXPECT_EQ(loops({"--config=" + file, "--loops=5"}), 5);
}

TEST_F(OptionSourcesTest, ListsAreReplacedAsAWhole) {
  const std::string file = File("origin = [\"a\", \"b,c\"]\nnoisy = true");

  Program of_file;
  ASSERT_FALSE(of_file.Run({"--config", file}));
  EXPECT_THAT(of_file.origins, ElementsAre("a", "b", "c"));
  EXPECT_TRUE(of_file.noisy);

  Program of_flag;
  ASSERT_FALSE(of_flag.Run({"--origin", "d", "--config", file}));
  EXPECT_THAT(of_flag.origins, ElementsAre("d"));
}

TEST_F(OptionSourcesTest, TheEnvironmentMayNameTheFile) {
  SetVariable("PINHOLE_CONFIG", File("loops = 7"));
  Program program;

  ASSERT_FALSE(program.Run({}));

  EXPECT_EQ(program.loops, 7);
}

TEST_F(OptionSourcesTest, EmptyIsAsIfItWereNotSet) {
  SetVariable("PINHOLE_LOOPS", "");
  Program program;

  ASSERT_FALSE(program.Run({"--config", File("loops = \"\"\norigin = []")}));

  EXPECT_EQ(program.loops, 1);
}

TEST_F(OptionSourcesTest, MistakesSayWhereTheyAre) {
  const std::string file = File("# first\nloops = 300\n");

  EXPECT_THAT(Error({"--loops", "300"}),
              StartsWith("--loops: Value 300 not in range"));
  EXPECT_THAT(Error({"--config", file}),
              StartsWith(file + ":2: loops = 300: Value 300 not in range"));
  SetVariable("PINHOLE_LOOPS", "many");
  EXPECT_THAT(Error({}), StartsWith("PINHOLE_LOOPS=many: "));
}

TEST_F(OptionSourcesTest, WhatFitsNotTogetherSaysWhereItIs) {
  Program program;
  ASSERT_FALSE(program.Run({"--config", File("token = \"abc\"\nloops = 9")}));

  EXPECT_THAT(program.sources
                  .Refuse(absl::InvalidArgumentError("--loops 9 is too much"))
                  .text,
              HasSubstr(":2: loops = 9: --loops 9 is too much"));
  EXPECT_THAT(
      program.sources.Refuse(absl::InvalidArgumentError("--token: bad")).text,
      HasSubstr(":1: token = (secret): bad"));
}

TEST_F(OptionSourcesTest, UnknownNamesAreRefusedWithTheNearest) {
  EXPECT_EQ(Error({"--loop", "1"}),
            "--loop is not an option of program; did you mean --loops?\n");
  EXPECT_EQ(Error({"--nothing-like-it"}),
            "--nothing-like-it is not an option of program\n");
  const std::string file = File("lops = 1");
  EXPECT_EQ(
      Error({"--config", file}),
      file + ":1: lops is not a setting of program; did you mean loops?\n");
  EXPECT_THAT(Error({"--config", File("print-config = true")}),
              HasSubstr("print-config is not a setting of program"));
}

TEST_F(OptionSourcesTest, MistypedVariablesAreRefusedAndOthersAreNot) {
  SetVariable("PINHOLE_PASSWORD", "of somebody else");
  EXPECT_EQ(Error({}), "no error");

  SetVariable("PINHOLE_LOPS", "2");
  EXPECT_EQ(
      Error({}),
      "the environment variable PINHOLE_LOPS is not a setting of program; "
      "did you mean PINHOLE_LOOPS?\n");
}

TEST_F(OptionSourcesTest, ValuesOfTheWrongShapeAreRefused) {
  EXPECT_THAT(Error({"--config", File("loops = [1, 2]")}),
              HasSubstr(":1: loops must have exactly one value"));
  EXPECT_THAT(Error({"--config", File("noisy = \"perhaps\"")}),
              HasSubstr(":1: noisy = perhaps: must be true or false"));
  EXPECT_THAT(Error({"--config", "/nowhere.conf"}),
              HasSubstr("cannot read /nowhere.conf"));
}

TEST_F(OptionSourcesTest, PrintsEachValueWithItsOrigin) {
  SetVariable("PINHOLE_ORIGIN", "a,b");
  const std::string file = File("\nloops = 2");
  Program program;

  const auto exit =
      program.Run({"--config", file, "--noisy", "--print-config"});

  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->code, 0);
  EXPECT_THAT(exit->text,
              ::testing::ContainsRegex("\nloops = 2 +# file " + file + ":2\n"));
  EXPECT_THAT(exit->text,
              ::testing::ContainsRegex("\norigin = ..a., .b.. +# environment "
                                       "PINHOLE_ORIGIN\n"));
  EXPECT_THAT(exit->text,
              ::testing::ContainsRegex("\nnoisy = true +# flag --noisy\n"));
  EXPECT_THAT(exit->text, HasSubstr("\n# token is not set\n"));
  EXPECT_THAT(Program().Run({"--print-config"})->text,
              ::testing::ContainsRegex("\nloops = 1 +# default\n"));
}

TEST_F(OptionSourcesTest, WhatIsPrintedIsAFileThatSaysTheSame) {
  Program first;
  const std::string printed =
      first
          .Run({"--loops", "3", "--origin", "a", "--origin", "b #c", "--noisy",
                "--print-config"})
          ->text;

  Program second;
  ASSERT_FALSE(second.Run({"--config", File(printed)}));

  EXPECT_EQ(second.loops, 3);
  EXPECT_THAT(second.origins, ElementsAre("a", "b #c"));
  EXPECT_TRUE(second.noisy);
}

TEST_F(OptionSourcesTest, SecretsAreNotPrinted) {
  Program program;

  const std::string printed =
      program.Run({"--token", "hunter2", "--print-config"})->text;

  EXPECT_THAT(printed, Not(HasSubstr("hunter2")));
  EXPECT_THAT(printed, HasSubstr("\n# token = (secret)"));
}

TEST_F(OptionSourcesTest, CheckSaysWhatIsWrong) {
  const auto good = Program().Run({"--check-config"});
  const auto bad = Program().Run({"--check-config"},
                                 absl::InvalidArgumentError("no such key"));

  EXPECT_EQ(good->code, 0);
  EXPECT_THAT(good->text, HasSubstr("valid"));
  EXPECT_EQ(bad->code, 2);
  EXPECT_EQ(bad->text, "no such key\n");
  EXPECT_FALSE(Program().Run({}, absl::InvalidArgumentError("not asked")));
}

TEST_F(OptionSourcesTest, HelpIsThereWhateverElseIsWrong) {
  SetVariable("PINHOLE_CONFIG", "/nowhere.conf");

  EXPECT_EQ(Program().Run({"--help"})->code, 0);
  EXPECT_EQ(Program().Run({"-h"})->code, 0);
}

}  // namespace
}  // namespace pinhole
