// SPDX-License-Identifier: Apache-2.0

#include "client/lab/core/usl.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "fmt/format.h"

namespace pinhole::lab {
namespace {

constexpr std::size_t kLevels = 5;
constexpr double kWorstFit = 0.9;
constexpr double kReach = 2;
// Below this kappa is rounding, not a peak: it would be at a million users.
constexpr double kNoKappa = 1e-12;

constexpr std::size_t kParameters = 3;  // lambda, sigma, kappa.
using Vector = std::array<double, kParameters>;
using Matrix = std::array<Vector, kParameters>;

double Denominator(const Vector& p, double n) {
  return 1 + p[1] * (n - 1) + p[2] * n * (n - 1);
}

double Law(const Vector& p, double n) { return p[0] * n / Denominator(p, n); }

Vector Gradient(const Vector& p, double n) {
  const double denominator = Denominator(p, n);
  const double x = p[0] * n / denominator;
  return {n / denominator, -x * (n - 1) / denominator,
          -x * n * (n - 1) / denominator};
}

double SquaredErrors(const Vector& p, const std::vector<UslPoint>& points) {
  double sum = 0;
  for (const UslPoint& point : points) {
    const double error = point.throughput - Law(p, point.users);
    sum += error * error;
  }
  return sum;
}

// Gauss with pivots.  False if the matrix is singular.
bool Solve(Matrix a, Vector b, Vector& x) {
  for (std::size_t column = 0; column < kParameters; ++column) {
    std::size_t pivot = column;
    for (std::size_t row = column; row < kParameters; ++row) {
      if (std::abs(a[row][column]) > std::abs(a[pivot][column])) pivot = row;
    }
    if (!(std::abs(a[pivot][column]) > 0)) return false;
    std::swap(a[pivot], a[column]);
    std::swap(b[pivot], b[column]);
    for (std::size_t row = column + 1; row < kParameters; ++row) {
      const double factor = a[row][column] / a[column][column];
      for (std::size_t i = column; i < kParameters; ++i) {
        a[row][i] -= factor * a[column][i];
      }
      b[row] -= factor * b[column];
    }
  }
  for (std::size_t row = kParameters; row-- > 0;) {
    x[row] = b[row];
    for (std::size_t i = row + 1; i < kParameters; ++i) {
      x[row] -= a[row][i] * x[i];
    }
    x[row] /= a[row][row];
  }
  return true;
}

// The normal equations of one step: (J'J) step = J'r.
struct Normal {
  Matrix a = {};
  Vector b = {};
};

Normal NormalAt(const Vector& p, const std::vector<UslPoint>& points) {
  Normal normal;
  for (const UslPoint& point : points) {
    const Vector gradient = Gradient(p, point.users);
    const double error = point.throughput - Law(p, point.users);
    for (std::size_t i = 0; i < kParameters; ++i) {
      normal.b[i] += gradient[i] * error;
      for (std::size_t j = 0; j < kParameters; ++j) {
        normal.a[i][j] += gradient[i] * gradient[j];
      }
    }
  }
  // What is at 0 and would go below is left out of the step; else the others
  // would move as if it went with them.
  for (std::size_t i = 1; i < kParameters; ++i) {
    if (p[i] > 0 || normal.b[i] > 0) continue;
    for (std::size_t j = 0; j < kParameters; ++j) {
      normal.a[i][j] = normal.a[j][i] = 0;
    }
    normal.a[i][i] = 1;
    normal.b[i] = 0;
  }
  return normal;
}

Vector LeastSquares(Vector p, const std::vector<UslPoint>& points) {
  double damping = 1e-3;
  double best = SquaredErrors(p, points);
  for (int i = 0; i < 1000 && damping < 1e12; ++i) {
    Normal normal = NormalAt(p, points);
    for (std::size_t j = 0; j < kParameters; ++j) {
      normal.a[j][j] *= 1 + damping;
    }
    Vector step = {};
    if (!Solve(normal.a, normal.b, step)) {
      damping *= 10;
      continue;
    }
    const Vector next = {p[0] + step[0], std::max(p[1] + step[1], 0.0),
                         std::max(p[2] + step[2], 0.0)};
    const double errors = SquaredErrors(next, points);
    if (!(errors < best) || next[0] <= 0) {
      damping *= 10;
      continue;
    }
    const bool settled = best - errors < 1e-14 * best;
    p = next;
    best = errors;
    if (settled) break;
    damping = std::max(damping / 10, 1e-12);
  }
  return p;
}

double Determination(const Vector& p, const std::vector<UslPoint>& points) {
  double mean = 0;
  for (const UslPoint& point : points) mean += point.throughput;
  mean /= static_cast<double>(points.size());
  double variance = 0;
  for (const UslPoint& point : points) {
    variance += (point.throughput - mean) * (point.throughput - mean);
  }
  return variance > 0 ? 1 - SquaredErrors(p, points) / variance : 0;
}

}  // namespace

double UslFit::At(double users) const {
  return Law({lambda, sigma, kappa}, users);
}

std::optional<double> UslFit::PeakUsers() const {
  if (kappa <= 0) return std::nullopt;
  // One user is the fewest there are.
  return std::max(std::sqrt(std::max(1 - sigma, 0.0) / kappa), 1.0);
}

std::optional<double> UslFit::PeakThroughput() const {
  const std::optional<double> users = PeakUsers();
  if (!users.has_value()) return std::nullopt;
  return At(*users);
}

std::optional<double> UslFit::Ceiling() const {
  if (kappa > 0 || sigma <= 0) return std::nullopt;
  return lambda / sigma;
}

absl::StatusOr<double> UslFit::Predict(double users) const {
  if (users > kReach * most_users) {
    return absl::OutOfRangeError(fmt::format(
        "{:g} users are more than twice the {:g} measured", users, most_users));
  }
  return At(users);
}

std::string UslFit::Summary() const {
  std::string text = fmt::format(
      "{:.1f} % of the work is serial (compare write-lock use)", sigma * 100);
  if (const auto ceiling = Ceiling(); ceiling.has_value()) {
    return text + fmt::format("; more users approach {:.0f}/s", *ceiling);
  }
  const std::optional<double> users = PeakUsers();
  if (!users.has_value()) return text + "; throughput grows with every user";
  if (*users > kReach * most_users) {
    return text +
           fmt::format("; throughput still grows at {:.0f} users", most_users);
  }
  return text + fmt::format("; throughput peaks at {:.0f} users with {:.0f}/s",
                            *users, *PeakThroughput());
}

absl::StatusOr<UslFit> FitUsl(const std::vector<UslPoint>& points) {
  std::set<double> levels;
  double achieved = 0;
  for (const UslPoint& point : points) {
    levels.insert(point.users);
    achieved += point.throughput;
  }
  if (levels.size() < kLevels) {
    return absl::FailedPreconditionError(
        fmt::format("no fit: {} different numbers of users, {} are needed",
                    levels.size(), kLevels));
  }
  if (*levels.begin() < 1 || achieved <= 0) {
    return absl::FailedPreconditionError("no fit: nothing was achieved");
  }
  const auto& fewest = *std::min_element(
      points.begin(), points.end(),
      [](const auto& a, const auto& b) { return a.users < b.users; });
  const double one = std::max(fewest.throughput / fewest.users,
                              1e-3 * achieved / *levels.rbegin());
  Vector p = LeastSquares({one, 0.1, 0.01}, points);
  if (p[2] < kNoKappa) p[2] = 0;
  const double r_squared = Determination(p, points);
  if (r_squared < kWorstFit) {
    return absl::FailedPreconditionError(
        fmt::format("no fit: the law explains {:.0f} % of the differences "
                    "(R2 {:.2f}, at least {:.1f} is needed)",
                    std::max(r_squared, 0.0) * 100, r_squared, kWorstFit));
  }
  return UslFit{.lambda = p[0],
                .sigma = p[1],
                .kappa = p[2],
                .r_squared = r_squared,
                .most_users = *levels.rbegin()};
}

}  // namespace pinhole::lab
