// SPDX-License-Identifier: Apache-2.0

#include "base/traceparent.h"

#include <string>

#include "gtest/gtest.h"

namespace pinhole {
namespace {

// The example of the specification, section 3.2.
constexpr char kTrace[] = "0af7651916cd43dd8448eb211c80319c";
constexpr char kParent[] = "b7ad6b7169203331";

std::string Text(const std::string& version = "00",
                 const std::string& trace = kTrace,
                 const std::string& parent = kParent,
                 const std::string& flags = "01") {
  return version + "-" + trace + "-" + parent + "-" + flags;
}

TEST(TraceparentTest, PartsAreThoseOfTheText) {
  const std::string text = Text();
  const auto parsed = ParseTraceparent(text);

  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->trace_id, kTrace);
  EXPECT_EQ(parsed->parent_id, kParent);
}

TEST(TraceparentTest, LaterVersionMayGoOn) {
  EXPECT_TRUE(ParseTraceparent(Text("cc") + "-what-comes"));
  EXPECT_FALSE(ParseTraceparent(Text("cc") + "what-comes"));
  EXPECT_FALSE(ParseTraceparent(Text("00") + "-what-comes"));
}

TEST(TraceparentTest, MalformedIsNothing) {
  for (const std::string& text :
       {std::string(), std::string("00"), Text("ff"), Text("0G"),
        Text("00", std::string(32, '0')),
        Text("00", kTrace, "0000000000000000"),
        Text("00", "0AF7651916CD43DD8448EB211C80319C"),
        Text("00", kTrace, kParent, "x1"), Text().substr(0, 54)}) {
    EXPECT_FALSE(ParseTraceparent(text)) << text;
  }
}

TEST(TraceparentTest, NewOnesAreWellFormedAndDiffer) {
  const std::string one = NewTraceparent();

  EXPECT_TRUE(ParseTraceparent(one));
  EXPECT_NE(one, NewTraceparent());
}

}  // namespace
}  // namespace pinhole
