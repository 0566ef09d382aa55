// SPDX-License-Identifier: Apache-2.0

// The Universal Scalability Law (Gunther, Guerrilla Capacity Planning, 2007):
// with N users throughput is
//
//   X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1))
//
// where lambda is the throughput of one, sigma the share of the work that is
// done one at a time, and kappa the cost of keeping each other informed.

#ifndef PINHOLE_CLIENT_LAB_CORE_USL_H_
#define PINHOLE_CLIENT_LAB_CORE_USL_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace pinhole::lab {

struct UslPoint {
  double users = 0;
  double throughput =
      0;  // Operations a second, of a closed loop without pauses.
};

// Invariant of a fit: lambda > 0, 0 <= sigma, 0 <= kappa.
struct UslFit {
  double lambda = 0;
  double sigma = 0;
  double kappa = 0;
  double r_squared = 0;
  double most_users = 0;  // The largest N measured.

  // What the law says of any N, measured or not.
  double At(double users) const;
  // Users with the highest throughput, sqrt((1 - sigma) / kappa), and that
  // throughput; nothing if kappa is 0.
  std::optional<double> PeakUsers() const;
  std::optional<double> PeakThroughput() const;
  // What throughput approaches without ever falling, lambda / sigma.  Only if
  // kappa is 0 and sigma is not.
  std::optional<double> Ceiling() const;
  // As At().  Errors: OUT_OF_RANGE (more than twice what was measured).
  absl::StatusOr<double> Predict(double users) const;
  // A sentence or two for people, which says no more than Predict() does.
  std::string Summary() const;
};

// Least squares by Levenberg and Marquardt's method, from (X(1), 0.1, 0.01).
// Errors: FAILED_PRECONDITION ("no fit: " and why: fewer than five different
// numbers of users, nothing achieved, or r_squared below 0.9).
absl::StatusOr<UslFit> FitUsl(const std::vector<UslPoint>& points);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_CORE_USL_H_
