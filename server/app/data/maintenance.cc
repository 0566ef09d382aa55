// SPDX-License-Identifier: Apache-2.0

#include "server/app/data/maintenance.h"

#include <pthread.h>

#include <string_view>

#include "base/async/blocking_executor.h"
#include "base/log/log.h"
#include "base/status_macros.h"

namespace pinhole::app {

absl::Status SweepAtStart(Store& store, media::PhotoFiles& files,
                          domain::Garbage& garbage, bool unclean) {
  ASSIGN_OR_RETURN(const int swept, BlockingExecutor().Run(garbage.Sweep()));
  if (swept > 0) LogInfo("removed the files of {} deleted photos", swept);
  if (!unclean) return absl::OkStatus();
  const auto is_known = [&store](std::string_view key) {
    return BlockingExecutor().Run(store.Look(
        [key](const StoreReader& reader) { return reader.HasFileKey(key); }));
  };
  ASSIGN_OR_RETURN(const int unknown, files.RemoveUnknown(is_known));
  LogInfo("the previous shutdown was not clean; removed {} unfinished uploads",
          unknown);
  return absl::OkStatus();
}

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
  while (!stop_.WaitForNotificationWithTimeout(interval_)) {
    free_space_.Update();
    const auto purged = executor.Run(store_.Execute(PurgeExpired{}));
    if (!purged.ok()) {
      LogWarning(
          "maintenance: cannot purge expired sessions and request ids: {}",
          purged.status().ToString());
    }
    const auto swept = executor.Run(garbage_.Sweep());
    if (!swept.ok()) {
      LogWarning("maintenance: cannot remove files of deleted photos: {}",
                 swept.status().ToString());
    }
  }
}

}  // namespace pinhole::app
