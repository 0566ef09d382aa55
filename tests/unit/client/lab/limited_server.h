// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace pinhole::lab {

// How much a server can do, known beforehand.
struct Limits {
  // Each of so many workers does one GetPhoto at a time and takes so long:
  // workers / service a second and not one more.
  int workers = 1;
  absl::Duration service = absl::Milliseconds(5);
  int queue = 1'000'000;  // Calls beyond so many that wait are refused.
  // Once, so long after the start, everything stands still for a while.
  absl::Duration freeze_after = absl::InfiniteDuration();
  absl::Duration freeze = absl::ZeroDuration();
  // What the metrics say of a worker's time.
  bool holds_write_lock = false;
};

// A Pinhole with one photo, whose GetPhoto is limited as told; the rest answers
// at once.  Behind real ports, gRPC and metrics.  Its workers are a timetable,
// not threads: who comes next is answered when a worker would be done, so that
// the limit is exact on a machine that is not.  Thread-safe.
class LimitedServer {
 public:
  explicit LimitedServer(const Limits& limits);
  ~LimitedServer();

  const std::string& target() const { return target_; }  // HOST:PORT
  std::string metrics_url() const;
  double calls_per_second() const;  // The limit.
  bool was_called() const;

 private:
  class Users;
  class Photos;
  class Social;
  class MetricsPage;
  struct Grpc;

  // When a call that comes now is done; infinite if it is refused.
  absl::Time Schedule();
  std::string Metrics() const;

  const Limits limits_;
  const absl::Time start_;
  mutable absl::Mutex mutex_;
  std::vector<absl::Time> free_ ABSL_GUARDED_BY(mutex_);  // Of each worker.
  absl::Duration worked_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<Grpc> grpc_;
  std::unique_ptr<MetricsPage> page_;
  std::string target_;
};

}  // namespace pinhole::lab
