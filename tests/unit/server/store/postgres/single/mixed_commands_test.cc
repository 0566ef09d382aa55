// SPDX-License-Identifier: Apache-2.0

// Commands of every kind about a few users and photos, on several servers.

#include <atomic>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/contract/random_commands.h"
#include "tests/support/manual_clock.h"
#include "tests/support/postgres_checks.h"
#include "tests/support/postgres_cluster.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/server/store/postgres/migrated_database.h"
#include "tests/unit/server/store/postgres/single/test_writer.h"

namespace pinhole::postgres {
namespace {

using ::pinhole::testing::FindPostgresMistakes;
using ::pinhole::testing::IsOk;
using ::pinhole::testing::ManualClock;
using ::pinhole::testing::MigratedTemplate;
using ::pinhole::testing::OpenConnection;
using ::pinhole::testing::RandomCommands;
using ::pinhole::testing::TestDatabase;
using ::pinhole::testing::TestWriter;
using ::testing::IsEmpty;

constexpr int kServers = 3;
constexpr int kCallers = 9;
constexpr int kCommands = 6000;

// Errors that are not a refusal by a rule.
bool IsFailure(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsInternal(status) ||
         absl::IsUnknown(status) || absl::IsDataLoss(status) ||
         absl::IsResourceExhausted(status) || absl::IsCancelled(status);
}

class MixedCommandsTest : public ::testing::Test {
 protected:
  MixedCommandsTest() {
    for (int i = 0; i < kServers; ++i) {
      servers_.push_back(std::make_unique<TestWriter>(database_.uri(), clock_));
    }
  }

  Command Next() {
    const absl::MutexLock lock(&mutex_);
    clock_.Advance(random_.APause());
    return random_.Next();
  }
  void Learn(const Command& command, const CommandResult& result) {
    const absl::MutexLock lock(&mutex_);
    random_.Learn(command, result);
  }

  ManualClock clock_;
  TestDatabase database_{MigratedTemplate()};
  std::vector<std::unique_ptr<TestWriter>> servers_;
  absl::Mutex mutex_;
  RandomCommands random_ ABSL_GUARDED_BY(mutex_){1, clock_};
};

TEST_F(MixedCommandsTest, LeaveNoMistakesAndCauseNoDeadlock) {
  std::atomic<int> left = kCommands;
  std::atomic<int> succeeded = 0;
  const auto call = [&](int caller) {
    while (--left >= 0) {
      const Command command = Next();
      const auto result = servers_[caller % kServers]->DoAny(command);
      EXPECT_FALSE(IsFailure(result.status())) << result.status();
      if (!result.ok()) continue;
      ++succeeded;
      Learn(command, *result);
    }
  };
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) callers.emplace_back(call, i);
  for (std::thread& caller : callers) caller.join();
  servers_.clear();

  EXPECT_GT(succeeded, kCommands / 2);
  EXPECT_THAT(FindPostgresMistakes(database_.uri()), IsEmpty());
  const auto deadlocks =
      OpenConnection(database_.uri(), ConnectionKind::kReader)
          ->QueryOnce(
              "SELECT deadlocks FROM pg_stat_database "
              "WHERE datname = current_database()");
  ASSERT_THAT(deadlocks, IsOk());
  EXPECT_EQ((*deadlocks)[0].Int(0), 0);
}

}  // namespace
}  // namespace pinhole::postgres
