// SPDX-License-Identifier: Apache-2.0

// What seeding plans and paints.

#include <algorithm>
#include <numeric>
#include <set>

#include "absl/time/clock.h"
#include "client/cli/seed/crew.h"
#include "client/cli/seed/picture.h"
#include "client/cli/seed/plan.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pinhole/names.h"

namespace pinhole::cli::seed {
namespace {

// A plan as text, to compare two.
std::string Text(const Plan& plan) {
  std::string text;
  for (const Person& user : plan.users) text += user.handle + "\n";
  for (const PlannedPhoto& photo : plan.photos) {
    text += std::to_string(photo.owner) + photo.upload.caption +
            photo.upload.request_id + "\n";
  }
  for (const auto* edges : {&plan.follows, &plan.likes}) {
    for (const Edge& edge : *edges) {
      text += std::to_string(edge.from) + ">" + std::to_string(edge.to) + " ";
    }
  }
  for (const PlannedComment& comment : plan.comments) {
    text += comment.text + comment.request_id + "\n";
  }
  return text;
}

std::set<std::pair<std::size_t, std::size_t>> Distinct(
    const std::vector<Edge>& edges) {
  std::set<std::pair<std::size_t, std::size_t>> pairs;
  for (const Edge& edge : edges) pairs.emplace(edge.from, edge.to);
  return pairs;
}

TEST(PlanTest, HasTheNumbersAskedFor) {
  const Plan plan = MakePlan({});

  EXPECT_EQ(plan.users.size(), 50);
  EXPECT_EQ(plan.photos.size(), 200);
  EXPECT_EQ(plan.follows.size(), 600);
  EXPECT_EQ(plan.likes.size(), 2000);
  EXPECT_EQ(plan.comments.size(), 400);
}

TEST(PlanTest, SameSeedSamePlanAndAnotherSeedAnother) {
  EXPECT_EQ(Text(MakePlan({.seed = 7})), Text(MakePlan({.seed = 7})));
  EXPECT_NE(Text(MakePlan({.seed = 7})), Text(MakePlan({.seed = 8})));
}

TEST(PlanTest, HandlesAreUniqueAndLegalEvenForThousands) {
  const Plan plan = MakePlan({.users = 5000,
                              .photos = 0,
                              .follows = 0,
                              .likes = 0,
                              .comments = 0,
                              .seed = 4'000'000'000});
  std::set<std::string> handles;
  for (const Person& user : plan.users) {
    EXPECT_TRUE(client::UserName(user.handle).ok()) << user.handle;
    handles.insert(user.handle);
  }

  EXPECT_EQ(handles.size(), 5000);
}

TEST(PlanTest, EdgesAreDistinctAndNeverToOneself) {
  const Plan plan = MakePlan({});

  EXPECT_EQ(Distinct(plan.follows).size(), plan.follows.size());
  EXPECT_EQ(Distinct(plan.likes).size(), plan.likes.size());
  for (const Edge& edge : plan.follows) EXPECT_NE(edge.from, edge.to);
}

TEST(PlanTest, NobodyLikesOrCommentsWhatTheyMayNotSee) {
  const Plan plan = MakePlan({});
  const auto follows = Distinct(plan.follows);
  const auto may_see = [&](std::size_t user, std::size_t index) {
    const PlannedPhoto& photo = plan.photos[index];
    const auto visibility = photo.upload.visibility;
    return user == photo.owner || visibility == v1::VISIBILITY_PUBLIC ||
           (visibility == v1::VISIBILITY_FOLLOWERS &&
            follows.contains({user, photo.owner}));
  };

  for (const Edge& like : plan.likes) EXPECT_TRUE(may_see(like.from, like.to));
  for (const PlannedComment& comment : plan.comments) {
    EXPECT_TRUE(may_see(comment.user, comment.photo));
  }
}

TEST(PlanTest, FameFollowsAPowerLaw) {
  const Plan plan = MakePlan({.users = 500, .follows = 6000});
  std::vector<int> followers(500, 0);
  for (const Edge& edge : plan.follows) ++followers[edge.to];
  std::sort(followers.rbegin(), followers.rend());
  const int top_tenth =
      std::accumulate(followers.begin(), followers.begin() + 50, 0);

  // A fair share would be 600 and 12 for the median.
  EXPECT_GT(top_tenth, 2500);
  EXPECT_LT(followers[250], 9);
}

TEST(PlanTest, NobodyFollowsMoreThanTheServerAllows) {
  const Plan plan = MakePlan({.users = 50,
                              .photos = 0,
                              .follows = 600,
                              .likes = 0,
                              .comments = 0,
                              .most_followed = 10});
  std::vector<int> following(50, 0);
  for (const Edge& edge : plan.follows) ++following[edge.from];

  EXPECT_EQ(plan.follows.size(), 500);
  EXPECT_EQ(*std::max_element(following.begin(), following.end()), 10);
}

TEST(PlanTest, ATownOfTenThousandIsPlannedWhole) {
  const Plan plan = MakePlan({.users = 10'000,
                              .photos = 0,
                              .follows = 200'000,
                              .likes = 0,
                              .comments = 0});

  EXPECT_EQ(plan.users.size(), 10'000);
  EXPECT_EQ(Distinct(plan.follows).size(), 200'000);
}

TEST(PlanTest, MoreThanThereCanBeIsAllThereIs) {
  const Plan plan =
      MakePlan({.users = 3, .photos = 0, .follows = 100, .likes = 100});

  EXPECT_EQ(plan.follows.size(), 6);
  EXPECT_EQ(plan.likes.size(), 0);
  EXPECT_EQ(plan.comments.size(), 0);
}

TEST(PlanTest, NobodyPlansNothing) {
  EXPECT_TRUE(MakePlan({.users = 0}).photos.empty());
}

TEST(PictureTest, SamePictureForTheSameSeedAlone) {
  std::set<std::string> files;
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    files.insert(*EncodeJpeg(Paint(seed)));
  }

  EXPECT_EQ(files.size(), 12);
  EXPECT_TRUE(files.contains(*EncodeJpeg(Paint(3))));
}

TEST(PictureTest, FileIsAJpegOfSomeSize) {
  const std::string file = *EncodeJpeg(Paint(1));

  EXPECT_EQ(file.substr(0, 3), "\xff\xd8\xff");
  EXPECT_EQ(file.substr(file.size() - 2), "\xff\xd9");
  EXPECT_GT(file.size(), 20'000);
}

TEST(PictureTest, PicturesHaveLightAndDark) {
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    const auto pixels = Paint(seed).Pixels();
    const auto [darkest, lightest] =
        std::minmax_element(pixels.begin(), pixels.end());
    EXPECT_GT(*lightest - *darkest, 120) << seed;
  }
}

TEST(CrewTest, KeepsTheRate) {
  Crew crew(4, 200);
  const absl::Time start = absl::Now();

  crew.ForEach(21, [](std::size_t) { return absl::OkStatus(); });

  EXPECT_GE(absl::Now() - start, absl::Milliseconds(99));
}

TEST(CrewTest, WorkOfManyOperationsWaitsForAllOfThem) {
  Crew crew(4, 1000);
  const absl::Time start = absl::Now();

  crew.ForEach(3, [](std::size_t) { return absl::OkStatus(); },
               {.operations = 50});

  EXPECT_GE(absl::Now() - start, absl::Milliseconds(99));
  EXPECT_EQ(crew.PerSecond(600), 600);
  EXPECT_EQ(crew.PerSecond(5000), 1000);
}

TEST(CrewTest, GivesUpWhenEverythingFails) {
  Crew crew(4, 0);

  const auto failed = crew.ForEach(
      1000, [](std::size_t) { return absl::InternalError("broken"); });

  EXPECT_EQ(failed, 1000);
  EXPECT_TRUE(crew.gave_up());
  EXPECT_THAT(crew.failures(), ::testing::ElementsAre("INTERNAL: broken"));
}

}  // namespace
}  // namespace pinhole::cli::seed
