// SPDX-License-Identifier: Apache-2.0

#include "client/lab/core/mix.h"

#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pinhole::lab {
namespace {

using ::testing::HasSubstr;

std::string ErrorOf(std::string_view mix) {
  const auto profile = ParseMix(mix);
  return profile.ok() ? "" : std::string(profile.status().message());
}

std::map<Operation, int> Draws(const Profile& profile, std::uint64_t seed,
                               int count) {
  Random random(seed);
  std::map<Operation, int> draws;
  for (int i = 0; i < count; ++i) ++draws[profile.Draw(random)];
  return draws;
}

TEST(MixTest, EveryOperationIsFoundByItsName) {
  std::set<std::string_view> names;
  for (int i = 0; i < kOperations; ++i) {
    const auto operation = static_cast<Operation>(i);
    names.insert(NameOf(operation));
    const auto found = OperationNamed(NameOf(operation));
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(*found, operation);
  }
  EXPECT_EQ(names.size(), kOperations);
  EXPECT_EQ(NameOf(Operation::kRegister), "register");
  EXPECT_EQ(NameOf(Operation::kDownload), "download");
  EXPECT_EQ(NameOf(Operation::kUpload), "upload");
}

TEST(MixTest, WeightsAreShares) {
  const auto profile = ParseMix("feed=3,like=1,upload=0");

  ASSERT_TRUE(profile.ok());
  EXPECT_FALSE(profile->is_story());
  EXPECT_DOUBLE_EQ(profile->Share(Operation::kFeed), 0.75);
  EXPECT_DOUBLE_EQ(profile->Share(Operation::kLike), 0.25);
  EXPECT_FALSE(profile->Has(Operation::kUpload));
  EXPECT_FALSE(profile->Has(Operation::kPhoto));
}

TEST(MixTest, WhatIsNoMixIsExplained) {
  EXPECT_THAT(ErrorOf("feeds=1"), HasSubstr("unknown operation 'feeds'"));
  EXPECT_THAT(ErrorOf("feeds=1"), HasSubstr("register, login, feed"));
  EXPECT_THAT(ErrorOf("feeds=1"), HasSubstr("; did you mean feed?"));
  EXPECT_THAT(std::string(ProfileNamed("newcmoer").status().message()),
              HasSubstr("; did you mean newcomer?"));
  EXPECT_THAT(ErrorOf("feed"), HasSubstr("'feed' is not OPERATION=WEIGHT"));
  EXPECT_THAT(ErrorOf(""), HasSubstr("is not OPERATION=WEIGHT"));
  EXPECT_THAT(ErrorOf("feed=1,"), HasSubstr("is not OPERATION=WEIGHT"));
  EXPECT_THAT(ErrorOf("feed=many"), HasSubstr("is not a number"));
  EXPECT_THAT(ErrorOf("feed="), HasSubstr("is not a number"));
  EXPECT_THAT(ErrorOf("feed=-1"), HasSubstr("must be from 0"));
  EXPECT_THAT(ErrorOf("feed=nan"), HasSubstr("must be from 0"));
  EXPECT_THAT(ErrorOf("feed=inf"), HasSubstr("must be from 0"));
  EXPECT_THAT(ErrorOf("feed=0,like=0"),
              HasSubstr("must have a weight above 0"));
  EXPECT_THAT(ErrorOf("feed=1,like=2,feed=3"),
              HasSubstr("'feed' occurs twice"));
}

TEST(MixTest, NewcomerIsTheTutorialsStory) {
  const auto newcomer = ProfileNamed("newcomer");

  ASSERT_TRUE(newcomer.ok());
  EXPECT_TRUE(newcomer->is_story());
  std::vector<std::string> story;
  for (const Operation operation : newcomer->story) {
    story.emplace_back(NameOf(operation));
  }
  EXPECT_THAT(
      story, ::testing::ElementsAre("register", "login", "feed", "photo",
                                    "photo", "like", "like", "follow", "feed"));
  EXPECT_DOUBLE_EQ(newcomer->Share(Operation::kFeed), 2.0 / 9);
}

TEST(MixTest, ReaderIsDeathStarBenchsMix) {
  const auto reader = ProfileNamed("reader");

  ASSERT_TRUE(reader.ok());
  EXPECT_DOUBLE_EQ(reader->Share(Operation::kFeed), 0.6);
  EXPECT_DOUBLE_EQ(reader->Share(Operation::kProfile), 0.3);
  EXPECT_DOUBLE_EQ(reader->Share(Operation::kUpload), 0.1);
}

TEST(MixTest, OnlyTheHotspotIsSkewed) {
  EXPECT_EQ(Profiles().size(), 5);
  for (const Profile& profile : Profiles()) {
    EXPECT_EQ(profile.skewed, profile.name == "hotspot");
    double sum = 0;
    for (int i = 0; i < kOperations; ++i) {
      sum += profile.Share(static_cast<Operation>(i));
    }
    EXPECT_NEAR(sum, 1, 1e-9) << profile.name;
  }
}

TEST(MixTest, AnUnknownProfileIsToldWhichThereAre) {
  EXPECT_THAT(std::string(ProfileNamed("lurker").status().message()),
              HasSubstr("newcomer, reader, writer, login_storm, hotspot"));
}

TEST(MixTest, DrawsKeepToTheWeights) {
  constexpr int kDraws = 100'000;
  const auto profile = ParseMix("feed=60,profile=30,upload=10");
  ASSERT_TRUE(profile.ok());
  const auto draws = Draws(*profile, 9, kDraws);

  EXPECT_EQ(draws.size(), 3);
  for (const auto& [operation, count] : draws) {
    const double share = profile->Share(operation);
    EXPECT_NEAR(1.0 * count / kDraws, share, 4 * std::sqrt(share / kDraws));
  }
}

TEST(MixTest, SameSeedSameDraws) {
  const auto profile = ProfileNamed("hotspot");
  ASSERT_TRUE(profile.ok());

  EXPECT_EQ(Draws(*profile, 1, 100), Draws(*profile, 1, 100));
  EXPECT_NE(Draws(*profile, 1, 100), Draws(*profile, 2, 100));
}

}  // namespace
}  // namespace pinhole::lab
