// SPDX-License-Identifier: Apache-2.0

#include "client/lab/core/zipf.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pinhole::lab {

Zipf::Zipf(std::size_t n, double exponent, Random& random) : order_(n) {
  double sum = 0;
  for (std::size_t k = 1; k <= n; ++k) {
    sum += std::pow(static_cast<double>(k), -exponent);
    cumulative_.push_back(sum);
  }
  std::iota(order_.begin(), order_.end(), 0);
  random.Shuffle(order_);
}

std::size_t Zipf::Draw(Random& random) const {
  const double at = random.Unit() * cumulative_.back();
  const auto found =
      std::upper_bound(cumulative_.begin(), cumulative_.end(), at);
  const auto rank = static_cast<std::size_t>(found - cumulative_.begin());
  return order_[std::min(rank, order_.size() - 1)];
}

double Zipf::Share(std::size_t k) const {
  const double before = k == 0 ? 0 : cumulative_[k - 1];
  return (cumulative_[k] - before) / cumulative_.back();
}

}  // namespace pinhole::lab
