// SPDX-License-Identifier: Apache-2.0

// How results look: text, tables, JSON and errors.

#include "client/cli/terminal/explain.h"
#include "client/cli/terminal/printers.h"
#include "client/cli/terminal/table.h"
#include "client/cli/terminal/text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/client/fake_server.h"

namespace pinhole::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(EscapeTest, NothingThatSteersATerminalGetsThrough) {
  EXPECT_EQ(Escape("\x1b[31mred\x1b[0m"), "\\x1b[31mred\\x1b[0m");
  EXPECT_EQ(Escape("two\nlines\r\t"), "two\\nlines\\r\\t");
  EXPECT_EQ(Escape("\x07 \x7f \xc2\x9b"), "\\x07 \\x7f \\x9b");
  EXPECT_EQ(Escape("\xe2\x80\xae turned"), "\\u202e turned");
  EXPECT_EQ(Escape("\xff\xc3"), "\\xff\\xc3");
}

TEST(EscapeTest, OrdinaryTextOfAnyLanguageStays) {
  const std::string text = "Größe 山の湖 🌄 \\n";
  EXPECT_EQ(Escape(text), text);
}

TEST(TableTest, ColumnsAlignByWhatIsSeen) {
  Table table({"OWNER", "CAPTION", "LIKES"});
  table.AddRow({"@ansel", "Müller", "3"});
  table.AddRow({"@jun", "山の湖", "12"});

  EXPECT_EQ(table.Format(),
            "OWNER   CAPTION  LIKES\n"
            "@ansel  Müller   3\n"
            "@jun    山の湖   12\n");
}

TEST(TableTest, LongCellsAreCut) {
  Table table({"CAPTION"});
  table.AddRow({std::string(200, 'x')});

  EXPECT_THAT(table.Format(), HasSubstr(std::string(59, 'x') + "…\n"));
}

v1::Photo SomePhoto() {
  v1::Photo photo;
  photo.set_name("photos/7");
  photo.set_owner("users/ansel");
  photo.set_caption("Half \x1b[2JDome");
  photo.set_visibility(v1::VISIBILITY_PUBLIC);
  photo.mutable_create_time()->set_seconds(1'700'000'000);
  photo.set_width(1200);
  photo.set_height(800);
  photo.set_size_bytes(300 * 1024);
  photo.set_content_type("image/jpeg");
  photo.set_like_count(3);
  photo.set_liked(true);
  return photo;
}

TEST(PrintersTest, PhotosAreATableForPeople) {
  EXPECT_EQ(
      TableOf(std::vector<v1::Photo>{SomePhoto()}).Format(),
      "PHOTO     OWNER   CAPTION           LIKES    COMMENTS  VISIBILITY  "
      "PUBLISHED (UTC)\n"
      "photos/7  @ansel  Half \\x1b[2JDome  3 (you)  0         public      "
      "2023-11-14 22:13\n");
}

TEST(PrintersTest, PhotoIsALineForEachProperty) {
  EXPECT_EQ(Describe(SomePhoto()),
            "photo:       photos/7\n"
            "owner:       @ansel\n"
            "caption:     Half \\x1b[2JDome\n"
            "visibility:  public\n"
            "published:   2023-11-14 22:13\n"
            "size:        1200 x 800, 300.0 KiB, image/jpeg\n"
            "likes:       3 (you)\n"
            "comments:    0\n");
}

TEST(PrintersTest, ProgramsGetProto3JsonWithDefaults) {
  v1::LikePhotoResponse answer;
  answer.set_liked(true);

  EXPECT_EQ(Json(answer), R"({"likeCount":0,"liked":true})");
  EXPECT_EQ(JsonList(std::vector<v1::LikePhotoResponse>{answer, answer}),
            R"({"items":[{"likeCount":0,"liked":true},)"
            R"({"likeCount":0,"liked":true}]})");
  EXPECT_EQ(JsonList(std::vector<v1::User>{}), R"({"items":[]})");
  EXPECT_EQ(JsonList(std::vector<std::string>{"users/ansel", "\"\n"}),
            R"({"items":["users/ansel","\"\n"]})");
}

TEST(TextTest, ShellWordsAreQuotedIfNecessary) {
  EXPECT_EQ(ShellWord("grpcs://[::1]:50052"), "'grpcs://[::1]:50052'");
  EXPECT_EQ(ShellWord("grpcs://host.example:50052"),
            "grpcs://host.example:50052");
  EXPECT_EQ(ShellWord("it's"), R"('it'\''s')");
  EXPECT_EQ(ShellWord(""), "''");
}

TEST(ExplainTest, NamesTheFieldAndItsRule) {
  const auto status =
      client::FromGrpc(client::RefusedField("caption", "is too long"));

  EXPECT_EQ(Explain(status, {}),
            "pinhole: INVALID_ARGUMENT: caption is too long\n"
            "  caption: is too long\n");
}

TEST(ExplainTest, SaysHowToSignIn) {
  const absl::Status status = absl::UnauthenticatedError("no session");

  EXPECT_THAT(Explain(status, {}),
              HasSubstr("you are not signed in; run `pinhole login HANDLE`"));
  EXPECT_THAT(Explain(status, {.target = "", .handle = "ansel"}),
              HasSubstr("run `pinhole login ansel`"));
  EXPECT_THAT(Explain(status, {.target = "", .handle = "", .signing_in = true}),
              Not(HasSubstr("pinhole login")));
}

TEST(ExplainTest, SaysWhenToTryAgain) {
  const auto status = client::FromGrpc(client::Busy(absl::Milliseconds(250)));

  EXPECT_THAT(Explain(status, {}), HasSubstr("try again in 250ms"));
}

TEST(ExplainTest, SaysWhichServerIsNotThere) {
  EXPECT_THAT(Explain(absl::UnavailableError("x"), {.target = "host:1"}),
              HasSubstr("check that pinhole-server is running at host:1"));
}

TEST(ExplainTest, SaysWhatTlsMayLack) {
  EXPECT_THAT(
      Explain(absl::UnavailableError("x"), {.target = "grpcs://host:1"}),
      HasSubstr("--ca sets its certificate authority"));
}

}  // namespace
}  // namespace pinhole::cli
