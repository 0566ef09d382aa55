// SPDX-License-Identifier: Apache-2.0

// The search on servers whose limit is known.

#include "client/lab/core/search.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "client/lab/core/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/client/lab/queue.h"

namespace pinhole::lab {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// What comes of a step of `load`; `number` counts steps and windows.
using Server = std::function<Observation(double load, std::uint64_t number)>;

Observation Passing(double achieved, absl::Duration p99) {
  return {.verdict = {.passed = true, .enough_samples = true},
          .achieved = achieved,
          .p99 = p99,
          .service = absl::Milliseconds(10)};
}

Observation Failing(Cause cause, double achieved = 0) {
  return {.verdict = {.reasons = {{cause, "too much"}}, .enough_samples = true},
          .achieved = achieved,
          .p99 = absl::Seconds(1),
          .service = absl::Milliseconds(10)};
}

// As the lab would measure and judge it.
Server Measured(const Queue& queue, std::uint64_t seed) {
  return [queue, seed](double load, std::uint64_t number) {
    const StepFigures step =
        Simulate(queue, load, absl::Seconds(10), 1'000 * seed + number);
    return Observation{.verdict = Judge(step, {}),
                       .achieved = step.achieved,
                       .p99 = step.Total().response.Quantile(0.99),
                       .service = queue.service};
  };
}

// Latency jumps at `limit` without a sign before.
Server Cliff(double limit) {
  return [limit](double load, std::uint64_t) {
    return load <= limit ? Passing(load, absl::Milliseconds(5))
                         : Failing(Cause::kLatency, limit / 2);
  };
}

// The same, but one step in seven fails by accident.
Server Noisy(double limit, std::uint64_t seed) {
  return [limit, seed](double load, std::uint64_t number) {
    return Random(seed, "noise", number).Chance(1.0 / 7)
               ? Failing(Cause::kLatency)
               : Cliff(limit)(load, number);
  };
}

struct Trace {
  SearchResult result;
  std::vector<SearchStep> steps;

  int Count(StepKind kind) const {
    return static_cast<int>(
        std::count_if(steps.begin(), steps.end(),
                      [kind](const auto& step) { return step.kind == kind; }));
  }
  std::vector<double> Loads() const {
    std::vector<double> loads;
    for (const SearchStep& step : steps) loads.push_back(step.load);
    return loads;
  }
};

Trace Find(const Server& server, const SearchOptions& options = {}) {
  Trace trace;
  Search search(options);
  std::uint64_t number = 0;
  while (!search.done()) {
    const SearchStep step = search.step();
    trace.steps.push_back(step);
    if (trace.steps.size() > 100) {
      ADD_FAILURE() << "the search does not end";
      break;
    }
    Observation observation = server(step.load, ++number);
    for (int i = 1; i < step.windows && observation.verdict.passed; ++i) {
      observation = server(step.load, ++number);
    }
    search.Observe(observation);
  }
  trace.result = search.result();
  return trace;
}

TEST(SearchTest, FindsTheLimitOfAQueue) {
  // M/M/1 that serves 1,000/s: p99 is ln(100) / (1000 - rate), which is 100 ms
  // at 954/s.
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto trace = Find(Measured({.service = absl::Milliseconds(1)}, seed));
    EXPECT_EQ(trace.result.outcome, SearchOutcome::kFound) << seed;
    EXPECT_NEAR(trace.result.highest_passing, 954, 95) << seed;
    EXPECT_NEAR(trace.result.achieved, trace.result.highest_passing, 30);
    EXPECT_LT(trace.result.p99, absl::Milliseconds(100));
    EXPECT_GT(trace.result.broke_at, trace.result.highest_passing);
    // A queue is both, and so near the limit either shows first.
    EXPECT_THAT(trace.result.reasons.at(0).cause,
                AnyOf(Cause::kLatency, Cause::kBacklog));
  }
}

TEST(SearchTest, FindsTheLimitOfManyWorkers) {
  // 16 workers of exactly 20 ms: 800/s, and p99 is below 100 ms until close.
  const auto trace = Find(Measured(
      {.workers = 16, .service = absl::Milliseconds(20), .exponential = false},
      1));

  EXPECT_EQ(trace.result.outcome, SearchOutcome::kFound);
  EXPECT_NEAR(trace.result.highest_passing, 790, 60);
}

TEST(SearchTest, FindsAHardCapByItsRefusals) {
  // Room for one call a worker: what comes while all are busy is refused, so
  // the limit is where Erlang's loss formula says 1 %, which is 3.1 Erlang for
  // 8 workers: 313/s.
  const auto trace = Find(Measured(
      {.workers = 8, .service = absl::Milliseconds(10), .room = 8}, 2));

  EXPECT_EQ(trace.result.outcome, SearchOutcome::kFound);
  EXPECT_NEAR(trace.result.highest_passing, 313, 31);
  EXPECT_EQ(trace.result.reasons.at(0).cause, Cause::kErrors);
}

TEST(SearchTest, FindsACliff) {
  for (const double limit : {11.0, 100.0, 777.0, 54'321.0}) {
    const auto trace = Find(Cliff(limit));
    EXPECT_EQ(trace.result.outcome, SearchOutcome::kFound);
    EXPECT_LE(trace.result.highest_passing, limit);
    EXPECT_GT(trace.result.broke_at, limit);
    EXPECT_LT(trace.result.broke_at / trace.result.highest_passing, 1.05);
    EXPECT_TRUE(trace.result.precise);
  }
}

TEST(SearchTest, PrecisionIsAsAskedFor) {
  const auto coarse = Find(Cliff(777), {.precision = 1.5});
  const auto fine = Find(Cliff(777), {.precision = 1.01});

  EXPECT_LT(coarse.steps.size(), fine.steps.size());
  EXPECT_LT(fine.result.broke_at / fine.result.highest_passing, 1.01);
}

TEST(SearchTest, AccidentsHardlyMislead) {
  int close = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const SearchResult result = Find(Noisy(500, seed)).result;
    EXPECT_LE(result.highest_passing, 500);
    if (result.outcome == SearchOutcome::kFound &&
        result.highest_passing > 500 * 0.85) {
      ++close;
    }
  }
  // Without a second try it would be a third.
  EXPECT_GE(close, 150);
}

TEST(SearchTest, WhatNeverBreaksEndsAtTheCap) {
  const auto trace = Find(Cliff(1e9), {.cap = 300});

  EXPECT_EQ(trace.result.outcome, SearchOutcome::kNeverBroke);
  EXPECT_EQ(trace.result.highest_passing, 300);
  EXPECT_EQ(trace.result.broke_at, 0);
  EXPECT_THAT(trace.result.reasons, IsEmpty());
  EXPECT_THAT(trace.Loads(), ElementsAre(1, 10, 20, 40, 80, 160, 300, 300));
}

TEST(SearchTest, WhatFailsAtOnceIsToldSo) {
  const auto trace =
      Find([](double, std::uint64_t) { return Failing(Cause::kErrors); });

  EXPECT_EQ(trace.result.outcome, SearchOutcome::kFailedAtOnce);
  EXPECT_EQ(trace.result.highest_passing, 0);
  EXPECT_EQ(trace.result.broke_at, 10);
  EXPECT_EQ(trace.result.reasons.at(0).cause, Cause::kErrors);
  EXPECT_THAT(trace.Loads(), ElementsAre(1, 10, 10));
}

TEST(SearchTest, TheGeneratorsLimitIsNotTheServers) {
  const auto trace = Find([](double load, std::uint64_t) {
    if (load <= 100) return Passing(load, absl::Milliseconds(5));
    Observation observation = Failing(Cause::kLatency);
    observation.verdict.generator_limited = true;
    return observation;
  });

  EXPECT_EQ(trace.result.outcome, SearchOutcome::kGeneratorLimited);
  EXPECT_EQ(trace.result.highest_passing, 80);
  EXPECT_EQ(trace.result.broke_at, 0);
  EXPECT_THAT(trace.Loads(), ElementsAre(1, 10, 20, 40, 80, 160, 160));
}

TEST(SearchTest, AStepThatPassedCountsHoweverHardForTheGenerator) {
  const auto trace = Find([](double load, std::uint64_t number) {
    Observation observation = Cliff(100)(load, number);
    observation.verdict.generator_limited = observation.verdict.passed;
    return observation;
  });

  EXPECT_EQ(trace.result.outcome, SearchOutcome::kFound);
}

TEST(SearchTest, BeginsAtATenthOfWhatOneUserDoes) {
  Search search({.base = absl::Seconds(7)});
  EXPECT_EQ(search.step().kind, StepKind::kBase);
  EXPECT_EQ(search.step().loop, Loop::kClosed);
  EXPECT_EQ(search.step().load, 1);
  EXPECT_EQ(search.step().duration, absl::Seconds(7));

  search.Observe({.service = absl::Milliseconds(2)});
  EXPECT_EQ(search.step().kind, StepKind::kGrow);
  EXPECT_EQ(search.step().loop, Loop::kOpen);
  EXPECT_DOUBLE_EQ(search.step().load, 50);

  Search slow({});
  slow.Observe({.service = absl::Seconds(3)});
  EXPECT_EQ(slow.step().load, 1);

  Search silent({});
  silent.Observe({});
  EXPECT_EQ(silent.step().load, 1);
}

TEST(SearchTest, GrowsSlowlyNearTheLimit) {
  Search search({});
  search.Observe({.service = absl::Milliseconds(10)});
  search.Observe(Passing(10, absl::Milliseconds(50)));
  EXPECT_EQ(search.step().load, 20);

  search.Observe(Passing(20, absl::Milliseconds(51)));
  EXPECT_EQ(search.step().load, 25);
}

TEST(SearchTest, AFailedStepIsRepeatedOnce) {
  Search search({});
  search.Observe({.service = absl::Milliseconds(10)});
  search.Observe(Failing(Cause::kLatency));
  EXPECT_TRUE(search.step().repeat);
  EXPECT_EQ(search.step().load, 10);

  search.Observe(Passing(10, absl::Milliseconds(5)));
  EXPECT_FALSE(search.step().repeat);
  EXPECT_EQ(search.step().load, 20);
}

TEST(SearchTest, BisectsNoMoreStepsThanAllowed) {
  const auto trace = Find(Cliff(777), {.precision = 1.000001});

  EXPECT_EQ(trace.Count(StepKind::kBisect), 14);
  EXPECT_FALSE(trace.result.precise);
  EXPECT_EQ(trace.result.outcome, SearchOutcome::kFound);
  EXPECT_LE(trace.result.highest_passing, 777);
}

TEST(SearchTest, ConfirmsForLongerInThreeWindows) {
  const auto trace = Find(Cliff(100));
  const SearchStep& last = trace.steps.back();

  EXPECT_EQ(trace.Count(StepKind::kConfirm), 1);
  EXPECT_EQ(last.kind, StepKind::kConfirm);
  EXPECT_EQ(last.load, trace.result.highest_passing);
  EXPECT_EQ(last.duration, absl::Seconds(30));
  EXPECT_EQ(last.windows, 3);
}

// Passes up to `search_limit` in short steps, up to `lasting_limit` in long.
Trace FindTired(double search_limit, double lasting_limit,
                const SearchOptions& options = {}) {
  Search search(options);
  Trace trace;
  while (!search.done()) {
    const SearchStep step = search.step();
    trace.steps.push_back(step);
    const double limit =
        step.kind == StepKind::kConfirm ? lasting_limit : search_limit;
    search.Observe(Cliff(limit)(step.load, 1));
  }
  trace.result = search.result();
  return trace;
}

TEST(SearchTest, StepsDownUntilConfirmed) {
  const auto trace = FindTired(80, 73);

  EXPECT_EQ(trace.result.outcome, SearchOutcome::kFound);
  EXPECT_EQ(trace.Count(StepKind::kConfirm), 3);
  EXPECT_NEAR(trace.result.highest_passing, 80 * 0.95 * 0.95, 1e-9);
  EXPECT_NEAR(trace.result.broke_at, 80 * 0.95, 1e-9);
}

TEST(SearchTest, StepsDownThreeTimesAtMost) {
  const auto trace = FindTired(80, 40);

  EXPECT_EQ(trace.result.outcome, SearchOutcome::kNotConfirmed);
  EXPECT_EQ(trace.Count(StepKind::kConfirm), 4);
}

TEST(SearchTest, ACapThatIsNotConfirmedHasBroken) {
  const auto trace = FindTired(1e9, 97, {.cap = 100});

  EXPECT_EQ(trace.result.outcome, SearchOutcome::kFound);
  EXPECT_EQ(trace.result.highest_passing, 95);
  EXPECT_EQ(trace.result.broke_at, 100);
}

TEST(SearchTest, SaysWhatIsKnownWhenInterrupted) {
  Search search({});
  search.Observe({.service = absl::Milliseconds(10)});
  search.Observe(Passing(9.9, absl::Milliseconds(5)));

  EXPECT_EQ(search.result().outcome, SearchOutcome::kInterrupted);
  EXPECT_EQ(search.result().highest_passing, 10);
  EXPECT_EQ(search.result().achieved, 9.9);
}

TEST(UserSearchTest, DoublesUsersAndFindsTheLastOneThatFits) {
  for (const int limit : {1, 2, 3, 7, 20, 23}) {
    const auto trace = Find(Cliff(limit), {.loop = Loop::kClosed});
    EXPECT_EQ(trace.result.outcome, SearchOutcome::kFound) << limit;
    EXPECT_EQ(trace.result.highest_passing, limit);
    EXPECT_EQ(trace.result.broke_at, limit + 1);
    EXPECT_EQ(trace.steps[0].kind, StepKind::kGrow);
    EXPECT_EQ(trace.steps[0].loop, Loop::kClosed);
  }
}

TEST(UserSearchTest, AsksForWholeUsersOnly) {
  const auto trace = Find(Cliff(1'234), {.loop = Loop::kClosed});
  for (const double load : trace.Loads()) {
    EXPECT_EQ(load, std::round(load));
  }
  EXPECT_NEAR(trace.result.highest_passing, 1'234, 62);
  const auto tired = FindTired(40, 36, {.loop = Loop::kClosed});
  // 38 and 36 after that.
  EXPECT_EQ(tired.result.highest_passing, 36);
}

TEST(UserSearchTest, OneUserMayBeTooMany) {
  const auto trace = Find(Cliff(0), {.loop = Loop::kClosed});
  EXPECT_EQ(trace.result.outcome, SearchOutcome::kFailedAtOnce);
  EXPECT_EQ(trace.result.broke_at, 1);

  const auto tired = FindTired(1, 0, {.loop = Loop::kClosed});
  EXPECT_EQ(tired.result.outcome, SearchOutcome::kNotConfirmed);
}

TEST(SearchNamesTest, AreThoseOfReports) {
  EXPECT_EQ(NameOf(StepKind::kGrow), "grow");
  EXPECT_EQ(NameOf(StepKind::kConfirm), "confirm");
  EXPECT_EQ(NameOf(SearchOutcome::kFound), "found");
  EXPECT_EQ(NameOf(SearchOutcome::kNeverBroke), "never_broke");
  EXPECT_EQ(NameOf(SearchOutcome::kGeneratorLimited), "generator_limited");
}

}  // namespace
}  // namespace pinhole::lab
