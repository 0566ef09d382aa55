// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <functional>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace pinhole::app {

// Detects writes that the disk does not complete, on a separate thread.  A hung
// disk returns no error, and any further access to it hangs as well, so this
// only reads how long the current write has been taking.
class DiskWatch {
 public:
  // `write_time` returns the age of the current write, zero if there is none.
  // `report` is called on the thread, alternately: with true when it reaches
  // `limit`, with false when it is below again.
  DiskWatch(std::function<absl::Duration()> write_time, absl::Duration limit,
            std::function<void(bool stalled)> report);
  ~DiskWatch();

  DiskWatch(const DiskWatch&) = delete;
  DiskWatch& operator=(const DiskWatch&) = delete;

 private:
  void Run();

  const std::function<absl::Duration()> write_time_;
  const absl::Duration limit_;
  const std::function<void(bool)> report_;
  absl::Notification stop_;
  std::thread thread_;  // Last: it uses all the others.
};

}  // namespace pinhole::app
