// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "server/app/data/free_space.h"
#include "server/domain/garbage.h"
#include "server/store/store.h"

namespace pinhole::app {

// Maintenance at the start and periodically, on a separate thread: purges
// expired sessions, old request ids and uploads that did not become a photo,
// removes files that were not removed before, and updates the free disk space.
class Maintenance {
 public:
  // All arguments must outlive this object.
  Maintenance(Store& store, domain::Garbage& garbage, FreeSpace& free_space,
              absl::Duration interval);
  // Finishes the current round.
  ~Maintenance();

  Maintenance(const Maintenance&) = delete;
  Maintenance& operator=(const Maintenance&) = delete;

 private:
  void Run();

  Store& store_;
  domain::Garbage& garbage_;
  FreeSpace& free_space_;
  const absl::Duration interval_;
  absl::Notification stop_;
  std::thread thread_;  // Last: it uses all the others.
};

}  // namespace pinhole::app
