// SPDX-License-Identifier: Apache-2.0

// Random numbers that are the same on every machine for the same seed, which
// the distributions of the standard library do not guarantee.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pinhole::lab {

// SplitMix64.  Not thread-safe.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  // A separate stream for each `name` and `index`.
  Random(std::uint64_t seed, std::string_view name, std::uint64_t index);

  std::uint64_t Next();
  std::size_t Below(std::size_t limit);  // 0 if `limit` is 0.
  double Unit();                         // From 0, below 1.
  double Between(double low, double high);
  bool Chance(double probability);
  double Exponential();  // Mean 1.

  template <typename List>
  const auto& Pick(const List& list) {
    return list[Below(std::size(list))];
  }

  template <typename T>
  void Shuffle(std::vector<T>& list) {
    for (std::size_t i = list.size(); i > 1; --i) {
      std::swap(list[i - 1], list[Below(i)]);
    }
  }

 private:
  std::uint64_t state_;
};

// A UUID that depends only on `text`.
std::string UuidOf(std::string_view text);

}  // namespace pinhole::lab
