// SPDX-License-Identifier: Apache-2.0

#include "base/error_reasons.h"

#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pinhole {
namespace {

using ::testing::EndsWith;
using ::testing::MatchesRegex;
using ::testing::Not;

TEST(ErrorReasonsTest, EachReasonIsFoundByItsName) {
  std::set<std::string_view> names;
  for (const ReasonInfo& info : AllReasons()) {
    EXPECT_THAT(std::string(info.name), MatchesRegex("[A-Z][A-Z_]*[A-Z]"));
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    EXPECT_EQ(FindReason(info.name), info.reason);
    EXPECT_EQ(NameOf(info.reason), info.name);
  }
  EXPECT_EQ(FindReason("HANDLE_TAKEM"), std::nullopt);
}

TEST(ErrorReasonsTest, EachReasonIsExplained) {
  for (const ReasonInfo& info : AllReasons()) {
    EXPECT_THAT(std::string(info.meaning), EndsWith(".")) << info.name;
    EXPECT_THAT(std::string(info.action), MatchesRegex("(.*[.])?"))
        << info.name;
    EXPECT_NE(info.code, absl::StatusCode::kOk) << info.name;
  }
}

TEST(ErrorReasonsTest, EachCodeHasADefaultOfItsName) {
  for (int number = 1; number <= 16; ++number) {
    const auto code = static_cast<absl::StatusCode>(number);
    const ReasonInfo& info = InfoOf(DefaultReason(code));
    EXPECT_EQ(info.code, code);
    EXPECT_EQ(info.name, absl::StatusCodeToString(code));
  }
  EXPECT_EQ(DefaultReason(static_cast<absl::StatusCode>(99)), Reason::kUnknown);
}

}  // namespace
}  // namespace pinhole
