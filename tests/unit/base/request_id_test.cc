// SPDX-License-Identifier: Apache-2.0

#include "base/request_id.h"

#include "gtest/gtest.h"

namespace pinhole {
namespace {

TEST(RequestIdTest, ValidIdOfTheClientIsKept) {
  EXPECT_EQ(ChooseRequestId("a.B-9_"), "a.B-9_");
  EXPECT_EQ(ChooseRequestId(std::string(64, 'a')), std::string(64, 'a'));
}

TEST(RequestIdTest, OtherIdsAreReplaced) {
  for (const std::string& bad : {std::string(), std::string("a b"),
                                 std::string(65, 'a'), std::string("a\r\nb")}) {
    EXPECT_EQ(ChooseRequestId(bad).size(), 32u);
  }
  EXPECT_NE(ChooseRequestId(""), ChooseRequestId(""));
}

}  // namespace
}  // namespace pinhole
