// SPDX-License-Identifier: Apache-2.0

#include "client/lab/load/tally.h"

#include <algorithm>

namespace pinhole::lab {

std::int64_t OperationTally::failed() const {
  std::int64_t all = 0;
  for (const auto& [kind, count] : errors) all += count;
  return all;
}

void OperationTally::Merge(const OperationTally& other) {
  ok += other.ok;
  for (const auto& [kind, count] : other.errors) errors[kind] += count;
  response.Merge(other.response);
  service.Merge(other.service);
}

void SecondTally::Merge(const SecondTally& other) {
  ok += other.ok;
  errors += other.errors;
  in_flight += other.in_flight;
  response.Merge(other.response);
}

OperationTally Tally::Total() const {
  OperationTally total;
  for (const OperationTally& operation : operations) total.Merge(operation);
  return total;
}

double Tally::OfferedPerSecond() const {
  return measured > absl::ZeroDuration()
             ? static_cast<double>(offered) / absl::ToDoubleSeconds(measured)
             : 0;
}

double Tally::AchievedPerSecond() const {
  return measured > absl::ZeroDuration()
             ? static_cast<double>(completed) / absl::ToDoubleSeconds(measured)
             : 0;
}

void Tally::Merge(const Tally& other) {
  for (std::size_t i = 0; i < operations.size(); ++i) {
    operations[i].Merge(other.operations[i]);
  }
  offered += other.offered;
  completed += other.completed;
  registered += other.registered;
  dropped += other.dropped;
  late += other.late;
  in_flight_mid += other.in_flight_mid;
  in_flight_end += other.in_flight_end;
  send_lag.Merge(other.send_lag);
  cpu_seconds += other.cpu_seconds;
  busiest_cpu_seconds =
      std::max(busiest_cpu_seconds, other.busiest_cpu_seconds);
  measured = std::max(measured, other.measured);
  interrupted = interrupted || other.interrupted;
  hopeless = hopeless || other.hopeless;
  seconds.resize(std::max(seconds.size(), other.seconds.size()));
  for (std::size_t i = 0; i < other.seconds.size(); ++i) {
    seconds[i].Merge(other.seconds[i]);
  }
}

StepFigures FiguresOf(const Tally& tally, const Profile& profile,
                      bool open_loop) {
  StepFigures figures;
  figures.offered = open_loop ? tally.OfferedPerSecond() : 0;
  figures.achieved = tally.AchievedPerSecond();
  figures.measured = tally.measured;
  for (int i = 0; i < kOperations; ++i) {
    const auto operation = static_cast<Operation>(i);
    if (!profile.Has(operation)) continue;
    const OperationTally& of = tally.Of(operation);
    figures.operations[operation] = {.count = of.ok + of.failed(),
                                     .failed = of.failed(),
                                     .response = of.response};
  }
  figures.in_flight_mid = tally.in_flight_mid;
  figures.in_flight_end = tally.in_flight_end;
  figures.hopeless = tally.hopeless;
  figures.generator.send_lag_p99 = tally.send_lag.Quantile(0.99);
  if (tally.measured > absl::ZeroDuration()) {
    figures.generator.cpu_share =
        tally.busiest_cpu_seconds / absl::ToDoubleSeconds(tally.measured);
  }
  return figures;
}

}  // namespace pinhole::lab
