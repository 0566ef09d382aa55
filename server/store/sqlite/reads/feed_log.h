// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "server/store/sqlite/db/changes.h"

namespace pinhole::store {

// The latest changes of feeds, in the order of their commits.  Thread-safe.
class FeedLog {
 public:
  // The number of changes that are kept.  Reading all of them costs less than
  // the query that makes a window.
  static constexpr std::size_t kLength = 1024;

  void Append(const std::vector<FeedChange>& changes);

  // The number of changes so far.
  std::uint64_t end() const;
  // The changes from number `begin` on; nothing if one of them is no longer
  // kept.
  std::optional<std::vector<FeedChange>> Since(std::uint64_t begin) const;

 private:
  mutable absl::Mutex mutex_;
  // Change number n is at n % kLength.
  std::vector<FeedChange> ring_ ABSL_GUARDED_BY(mutex_);
  std::uint64_t end_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace pinhole::store
