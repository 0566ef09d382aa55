// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"

namespace pinhole::store {

// Generates ids: 41 bits of Unix time in milliseconds, a 12-bit counter, and
// the 10-bit number of a node, so that sequences with different nodes have no
// id in common.  Each id is larger than the one before even if the clock goes
// back; a full counter runs ahead of the clock.
class IdSequence {
 public:
  static constexpr int kCounterBits = 12;
  static constexpr int kNodeBits = 10;
  static constexpr int kNodes = 1 << kNodeBits;

  // `last` is the largest id given before, by this node or another.
  explicit IdSequence(std::int64_t last, int node = 0)
      : last_(last), tick_(last >> kNodeBits), node_(node) {}

  std::int64_t Next(absl::Time now) {
    tick_ = std::max(tick_ + 1, absl::ToUnixMillis(now) << kCounterBits);
    last_ = tick_ << kNodeBits | node_;
    return last_;
  }
  // No less than any of the next `count` ids, if all are given at `now`.
  std::int64_t Bound(absl::Time now, int count) const {
    IdSequence copy = *this;
    return copy.Next(now) + (std::int64_t{count} << kNodeBits);
  }
  std::int64_t last() const { return last_; }
  int node() const { return node_; }

 private:
  std::int64_t last_;
  std::int64_t tick_;
  int node_;
};

}  // namespace pinhole::store
