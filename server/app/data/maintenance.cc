// SPDX-License-Identifier: Apache-2.0

#include "server/app/data/maintenance.h"

#include <pthread.h>

#include "base/async/blocking_executor.h"
#include "base/log/log.h"

namespace pinhole::app {

Maintenance::Maintenance(Store& store, domain::Garbage& garbage,
                         FreeSpace& free_space, absl::Duration interval)
    : store_(store),
      garbage_(garbage),
      free_space_(free_space),
      interval_(interval),
      thread_([this] { Run(); }) {}

Maintenance::~Maintenance() {
  stop_.Notify();
  thread_.join();
}

void Maintenance::Run() {
  pthread_setname_np(pthread_self(), "maintenance");
  BlockingExecutor executor;
  do {
    free_space_.Update();
    const auto purged = executor.Run(store_.Execute(PurgeExpired{}));
    if (!purged.ok()) {
      LogWarning(
          "maintenance: cannot purge expired sessions, request ids and "
          "uploads: {}",
          purged.status().ToString());
    }
    const auto swept = executor.Run(garbage_.Sweep());
    if (!swept.ok()) {
      LogWarning("maintenance: cannot remove files of deleted photos: {}",
                 swept.status().ToString());
    }
  } while (!stop_.WaitForNotificationWithTimeout(interval_));
}

}  // namespace pinhole::app
