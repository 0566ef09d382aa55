// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_APP_DATA_UPKEEP_H_
#define PINHOLE_SERVER_APP_DATA_UPKEEP_H_

#include <thread>

#include "absl/status/status.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "server/app/data/volumes.h"
#include "server/domain/garbage.h"
#include "server/media/photo_files.h"
#include "server/store/store.h"

namespace pinhole::app {

// Removes what a crash left behind: the files of deleted photos and, after an
// `unclean` shutdown, files without a row.  For startup, before uploads begin.
absl::Status SweepAtStart(Store& store, media::PhotoFiles& files,
                          domain::Garbage& garbage, bool unclean);

// Periodic maintenance on a separate thread: purges expired sessions and old
// request ids, removes files that could not be removed before, and updates the
// free disk space.
class Upkeep {
 public:
  // All arguments must outlive this object.
  Upkeep(Store& store, domain::Garbage& garbage, Volumes& volumes,
         absl::Duration interval);
  // Finishes the current round.
  ~Upkeep();

  Upkeep(const Upkeep&) = delete;
  Upkeep& operator=(const Upkeep&) = delete;

 private:
  void Run();

  Store& store_;
  domain::Garbage& garbage_;
  Volumes& volumes_;
  const absl::Duration interval_;
  absl::Notification stop_;
  std::thread thread_;  // Last: it uses all the others.
};

}  // namespace pinhole::app

#endif  // PINHOLE_SERVER_APP_DATA_UPKEEP_H_
