// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/chart/axis.h"

#include <cmath>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pinhole::lab::chart {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

std::vector<std::string> Texts(const Axis& axis) {
  std::vector<std::string> texts;
  for (const Tick& tick : axis.ticks()) texts.push_back(tick.text);
  return texts;
}

TEST(AxisTest, LinearMarksAreRoundAndReachTheMost) {
  EXPECT_THAT(Texts(Axis::Linear(430, 5)),
              ElementsAre("0", "100", "200", "300", "400", "500"));
  EXPECT_THAT(Texts(Axis::Linear(0.93, 5)),
              ElementsAre("0", "0.2", "0.4", "0.6", "0.8", "1"));
  EXPECT_THAT(Texts(Axis::Linear(20000, 4)),
              ElementsAre("0", "5000", "10k", "15k", "20k"));
}

TEST(AxisTest, LinearPlacesValuesInProportion) {
  const Axis axis = Axis::Linear(400, 4);

  EXPECT_DOUBLE_EQ(axis.Place(0), 0);
  EXPECT_DOUBLE_EQ(axis.Place(100), 0.25);
  EXPECT_DOUBLE_EQ(axis.Place(400), 1);
}

TEST(AxisTest, NothingIsPlacedOutside) {
  const Axis axis = Axis::Linear(10, 5);

  EXPECT_DOUBLE_EQ(axis.Place(-3), 0);
  EXPECT_DOUBLE_EQ(axis.Place(99), 1);
}

TEST(AxisTest, WholeMarksAreAtLeastOneApart) {
  EXPECT_THAT(Texts(Axis::Whole(3, 6)), ElementsAre("0", "1", "2", "3"));
}

TEST(AxisTest, AnAxisWithoutValuesStillHasEnds) {
  for (const Axis& axis : {Axis::Linear(0, 5), Axis::Linear(NAN, 5),
                           Axis::Whole(0, 5), Axis::Marked(0, 0, {})}) {
    EXPECT_DOUBLE_EQ(axis.Place(0), 0);
    EXPECT_DOUBLE_EQ(axis.Place(1), 1);
  }
}

TEST(AxisTest, LogMarksTwosAndFivesOnlyOfAFewPowers) {
  EXPECT_THAT(Texts(Axis::Log(3, 90)),
              ElementsAre("2", "5", "10", "20", "50", "100"));
  EXPECT_THAT(Texts(Axis::Log(0.3, 900)),
              ElementsAre("0.1", "1", "10", "100", "1000"));
}

TEST(AxisTest, LogPlacesPowersEvenly) {
  const Axis axis = Axis::Log(1, 10000);

  EXPECT_NEAR(axis.Place(10), 0.25, 1e-9);
  EXPECT_NEAR(axis.Place(1000), 0.75, 1e-9);
  EXPECT_DOUBLE_EQ(axis.Place(0), 0);
}

TEST(AxisTest, LogOfOneValueHasTwoMarks) {
  EXPECT_THAT(Axis::Log(10, 10).ticks(), SizeIs(2));
}

TEST(AxisTest, EachNineIsAsLongAsTheOneBefore) {
  const Axis axis = Axis::Nines(0.9999);

  EXPECT_NEAR(axis.Place(0.9), 0.25, 1e-6);
  EXPECT_NEAR(axis.Place(0.99), 0.5, 1e-6);
  EXPECT_NEAR(axis.Place(0.999), 0.75, 1e-6);
  EXPECT_THAT(Texts(axis), ElementsAre("0", "50", "90", "99", "99.9", "99.99"));
}

}  // namespace
}  // namespace pinhole::lab::chart
