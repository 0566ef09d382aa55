// SPDX-License-Identifier: Apache-2.0

// A server with a known limit, simulated without clock or network.

#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "client/lab/core/figures.h"

namespace pinhole::lab {

// First come, first served.
struct Queue {
  int workers = 1;
  absl::Duration service = {};  // Mean.
  bool exponential = true;      // Else always the mean.
  int room = 1'000'000;         // Calls; more are refused at once.
};

// An open loop of Poisson arrivals, measured for `measured` after a warm-up.
StepFigures Simulate(const Queue& queue, double rate, absl::Duration measured,
                     std::uint64_t seed);

}  // namespace pinhole::lab
