// SPDX-License-Identifier: Apache-2.0

// Popularity: few items get most of the requests.

#pragma once

#include <cstddef>
#include <vector>

#include "client/lab/core/random.h"

namespace pinhole::lab {

// The exponent of YCSB's request distribution (ZIPFIAN_CONSTANT in its
// ZipfianGenerator; Cooper et al., "Benchmarking Cloud Serving Systems with
// YCSB", SoCC 2010).
inline constexpr double kYcsbTheta = 0.99;

// Draws 0..n-1 by Zipf's law: the k-th most popular with a probability that
// falls as 1/k^exponent.  The order of popularity is shuffled, so that popular
// numbers are not neighbours; YCSB's ScrambledZipfian hashes instead, so that
// some numbers collide and others never occur.
//
// `n` must be positive.  Takes 16 bytes for each; drawing takes log(n) steps.
// Drawing is thread-safe with a `Random` for each thread.
class Zipf {
 public:
  // The order is shuffled by `random`.
  Zipf(std::size_t n, double exponent, Random& random);

  std::size_t Draw(Random& random) const;

  // The number that is the k-th most popular, k from 0.
  std::size_t Ranked(std::size_t k) const { return order_[k]; }
  // The share of draws that are the k-th most popular, k from 0.
  double Share(std::size_t k) const;

 private:
  std::vector<double> cumulative_;
  std::vector<std::size_t> order_;
};

}  // namespace pinhole::lab
