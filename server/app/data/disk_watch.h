// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_APP_DATA_DISK_WATCH_H_
#define PINHOLE_SERVER_APP_DATA_DISK_WATCH_H_

#include <functional>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace pinhole::app {

// Notices, on a thread of its own, that a write to the disk does not come to
// its end, and that it did after all.  A disk that hangs gives no error, and
// who asks it hangs, too; so this asks nothing but how long the write under way
// takes already.
class DiskWatch {
 public:
  // `write_time` says that, zero if none is under way.  `tell` is called on the
  // thread with true once it reaches `limit`, with false when it is less again,
  // and so on in turns.
  DiskWatch(std::function<absl::Duration()> write_time, absl::Duration limit,
            std::function<void(bool stalled)> tell);
  ~DiskWatch();

  DiskWatch(const DiskWatch&) = delete;
  DiskWatch& operator=(const DiskWatch&) = delete;

 private:
  void Run();

  const std::function<absl::Duration()> write_time_;
  const absl::Duration limit_;
  const std::function<void(bool)> tell_;
  absl::Notification stop_;
  std::thread thread_;  // Last: it uses all the others.
};

}  // namespace pinhole::app

#endif  // PINHOLE_SERVER_APP_DATA_DISK_WATCH_H_
