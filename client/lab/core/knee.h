// SPDX-License-Identifier: Apache-2.0

// Where more load stops paying, whatever the service level.

#ifndef PINHOLE_CLIENT_LAB_CORE_KNEE_H_
#define PINHOLE_CLIENT_LAB_CORE_KNEE_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "absl/time/time.h"

namespace pinhole::lab {

struct LoadPoint {
  double load = 0;        // Users, or operations a second offered.
  double throughput = 0;  // Operations a second achieved.
  absl::Duration mean_response = {};
};

// The index of the point with the most "power", throughput over mean response
// (Kleinrock, "Power and deterministic rules of thumb for probabilistic
// problems in computer communications", ICC 1979).  Nothing if no point has
// both.
std::optional<std::size_t> Knee(const std::vector<LoadPoint>& points);

// The index of the point from which throughput stays level: twice in a row, at
// least 25 % more load brought less than 3 % more.  Points may be in any order;
// those closer than 25 % to the one before are skipped.  Nothing if it still
// rises.
std::optional<std::size_t> Plateau(const std::vector<LoadPoint>& points);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_CORE_KNEE_H_
