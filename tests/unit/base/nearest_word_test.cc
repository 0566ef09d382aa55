// SPDX-License-Identifier: Apache-2.0

#include "base/nearest_word.h"

#include "gtest/gtest.h"

namespace pinhole {
namespace {

TEST(NearestWordTest, DistanceCountsLettersToChange) {
  EXPECT_EQ(EditDistance("", ""), 0u);
  EXPECT_EQ(EditDistance("listen", "listen"), 0u);
  EXPECT_EQ(EditDistance("listn", "listen"), 1u);
  EXPECT_EQ(EditDistance("data_dir", "data-dir"), 1u);
  EXPECT_EQ(EditDistance("", "abc"), 3u);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3u);
}

TEST(NearestWordTest, SwappedNeighboursAreOneMistake) {
  EXPECT_EQ(EditDistance("grnat", "grant"), 1u);
  EXPECT_EQ(EditDistance("abab", "baba"), 2u);
}

TEST(NearestWordTest, ShortWordsMustBeNearer) {
  EXPECT_EQ(NearestWord("lsit", {"lab", "list"}), "list");
  EXPECT_EQ(NearestWord("ls", {"lab"}), "");
  EXPECT_EQ(NearestWord("--captoin", {"--json", "--caption"}), "--caption");
  EXPECT_EQ(NearestWord("--cap", {"--caption"}), "");
}

TEST(NearestWordTest, SuggestionEndsAnErrorMessage) {
  EXPECT_EQ(DidYouMean("grnat", {"grant", "list"}), "; did you mean grant?");
  EXPECT_EQ(DidYouMean("nothing", {"grant", "list"}), "");
}

TEST(NearestWordTest, FindsTheNearestOrTheFirstOfTwo) {
  EXPECT_EQ(NearestWord("loop", {"hoops", "loops"}, 2), "loops");
  EXPECT_EQ(NearestWord("boops", {"hoops", "loops"}, 2), "hoops");
}

TEST(NearestWordTest, FindsNothingThatIsFarAway) {
  EXPECT_EQ(NearestWord("loops", {"threads"}, 2), "");
  EXPECT_EQ(NearestWord("loops", {}, 2), "");
}

}  // namespace
}  // namespace pinhole
