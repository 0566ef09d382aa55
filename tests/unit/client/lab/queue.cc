// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/client/lab/queue.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <vector>

#include "client/lab/core/random.h"
#include "client/lab/core/timetable.h"

namespace pinhole::lab {
namespace {

constexpr absl::Duration kWarmup = absl::Seconds(3);
constexpr absl::Duration kTimeout = absl::Seconds(5);

using Times = std::priority_queue<absl::Duration, std::vector<absl::Duration>,
                                  std::greater<>>;

class Simulation {
 public:
  Simulation(const Queue& queue, absl::Duration measured, std::uint64_t seed)
      : queue_(queue), random_(seed, "service", 0), measured_(measured) {
    for (int i = 0; i < queue.workers; ++i) free_.push(absl::ZeroDuration());
  }

  void Arrive(absl::Duration at) {
    while (!ends_.empty() && ends_.top() <= at) ends_.pop();
    const bool counted = at >= kWarmup;
    OperationFigures& feed = step_.operations[Operation::kFeed];
    if (counted) ++feed.count;
    if (static_cast<int>(ends_.size()) >= queue_.room) {
      if (counted) ++feed.failed;
      return;
    }
    const absl::Duration end = std::max(free_.top(), at) + Service();
    free_.pop();
    free_.push(end);
    ends_.push(end);
    NoteInFlight(at, end);
    if (end >= kWarmup && end < kWarmup + measured_) ++completed_;
    if (!counted) return;
    if (end - at > kTimeout) {
      ++feed.failed;
    } else {
      feed.response.Record(end - at);
    }
  }

  StepFigures Figures() {
    const double seconds = absl::ToDoubleSeconds(measured_);
    step_.measured = measured_;
    step_.achieved = completed_ / seconds;
    step_.offered = static_cast<double>(step_.Total().count) / seconds;
    return step_;
  }

 private:
  absl::Duration Service() {
    return queue_.service * (queue_.exponential ? random_.Exponential() : 1.0);
  }

  void NoteInFlight(absl::Duration at, absl::Duration end) {
    const absl::Duration mid = kWarmup + measured_ / 2;
    const absl::Duration last = kWarmup + measured_;
    if (at <= mid && end > mid) ++step_.in_flight_mid;
    if (at <= last && end > last) ++step_.in_flight_end;
  }

  const Queue queue_;
  Random random_;
  const absl::Duration measured_;
  Times free_;  // When each worker is.
  Times ends_;  // Of the calls in flight.
  int completed_ = 0;
  StepFigures step_;
};

}  // namespace

StepFigures Simulate(const Queue& queue, double rate, absl::Duration measured,
                     std::uint64_t seed) {
  Simulation simulation(queue, measured, seed);
  Timetable timetable(Arrivals::kPoisson, rate, seed);
  for (absl::Duration at = timetable.Next(); at < kWarmup + measured;
       at = timetable.Next()) {
    simulation.Arrive(at);
  }
  return simulation.Figures();
}

}  // namespace pinhole::lab
