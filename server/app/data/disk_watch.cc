// SPDX-License-Identifier: Apache-2.0

#include "server/app/data/disk_watch.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

namespace pinhole::app {

DiskWatch::DiskWatch(std::function<absl::Duration()> write_time,
                     absl::Duration limit, std::function<void(bool)> report)
    : write_time_(std::move(write_time)),
      limit_(limit),
      report_(std::move(report)),
      thread_([this] { Run(); }) {}

DiskWatch::~DiskWatch() {
  stop_.Notify();
  thread_.join();
}

void DiskWatch::Run() {
  pthread_setname_np(pthread_self(), "disk-watch");
  const absl::Duration pause = std::min(limit_ / 4, absl::Seconds(1));
  bool stalled = false;
  while (!stop_.WaitForNotificationWithTimeout(pause)) {
    const bool now = write_time_() >= limit_;
    if (now != stalled) report_(now);
    stalled = now;
  }
}

}  // namespace pinhole::app
