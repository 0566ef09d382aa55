// SPDX-License-Identifier: Apache-2.0

#include "server/app/data/upkeep.h"

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
    return store.HasFileKey(key);
  };
  ASSIGN_OR_RETURN(const int unknown, files.RemoveUnknown(is_known));
  LogInfo("the previous shutdown was not clean; removed {} unfinished uploads",
          unknown);
  return absl::OkStatus();
}

Upkeep::Upkeep(Store& store, domain::Garbage& garbage, Volumes& volumes,
               absl::Duration interval)
    : store_(store),
      garbage_(garbage),
      volumes_(volumes),
      interval_(interval),
      thread_([this] { Run(); }) {}

Upkeep::~Upkeep() {
  stop_.Notify();
  thread_.join();
}

void Upkeep::Run() {
  pthread_setname_np(pthread_self(), "upkeep");
  BlockingExecutor executor;
  while (!stop_.WaitForNotificationWithTimeout(interval_)) {
    volumes_.Look();
    const auto purged = executor.Run(store_.Execute(PurgeExpired{}));
    if (!purged.ok()) {
      LogWarning("upkeep: cannot purge expired sessions and request ids: {}",
                 purged.status().ToString());
    }
    const auto swept = executor.Run(garbage_.Sweep());
    if (!swept.ok()) {
      LogWarning("upkeep: cannot remove files of deleted photos: {}",
                 swept.status().ToString());
    }
  }
}

}  // namespace pinhole::app
