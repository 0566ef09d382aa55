// SPDX-License-Identifier: Apache-2.0

#include "server/app/data/disk_watch.h"

#include <atomic>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pinhole::app {
namespace {

using ::testing::ElementsAre;

constexpr absl::Duration kLimit = absl::Milliseconds(4);

// A disk whose write takes as long as the test sets, and the reports about it.
class DiskWatchTest : public ::testing::Test {
 protected:
  void SetWriteTime(absl::Duration time) {
    nanoseconds_ = absl::ToInt64Nanoseconds(time);
  }
  // Waits until the watch has checked at least twice.
  void AwaitLooks() {
    const absl::MutexLock lock(&mutex_);
    const int enough = looks_ + 2;
    const auto looked = [this, enough] { return looks_ >= enough; };
    mutex_.Await(absl::Condition(&looked));
  }
  std::vector<bool> told() {
    const absl::MutexLock lock(&mutex_);
    return told_;
  }

 private:
  std::atomic<std::int64_t> nanoseconds_{0};
  absl::Mutex mutex_;
  int looks_ = 0;
  std::vector<bool> told_;
  const DiskWatch watch_{[this] {
                           const absl::MutexLock lock(&mutex_);
                           ++looks_;
                           return absl::Nanoseconds(nanoseconds_.load());
                         },
                         kLimit,
                         [this](bool stalled) {
                           const absl::MutexLock lock(&mutex_);
                           told_.push_back(stalled);
                         }};
};

TEST_F(DiskWatchTest, WriteWithinTheLimitIsNotReported) {
  AwaitLooks();
  SetWriteTime(kLimit - absl::Nanoseconds(1));
  AwaitLooks();

  EXPECT_THAT(told(), ElementsAre());
}

TEST_F(DiskWatchTest, ReportsAStallAndItsEndOnce) {
  SetWriteTime(kLimit);
  AwaitLooks();
  SetWriteTime(3 * kLimit);
  AwaitLooks();
  EXPECT_THAT(told(), ElementsAre(true));

  SetWriteTime(absl::ZeroDuration());
  AwaitLooks();

  EXPECT_THAT(told(), ElementsAre(true, false));
}

TEST_F(DiskWatchTest, ASecondStallIsReportedAgain) {
  for (const absl::Duration time : {kLimit, absl::ZeroDuration(), kLimit}) {
    SetWriteTime(time);
    AwaitLooks();
  }

  EXPECT_THAT(told(), ElementsAre(true, false, true));
}

}  // namespace
}  // namespace pinhole::app
