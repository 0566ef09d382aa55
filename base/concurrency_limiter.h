// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"

namespace pinhole {

// Limits the number of concurrent operations of each key, for example of each
// user.  Uses memory only for keys with operations in progress.  Thread-safe.
class ConcurrencyLimiter {
 public:
  // An operation in progress; destroying the slot ends it.  The
  // `ConcurrencyLimiter` must outlive it.
  class Slot {
   public:
    Slot(Slot&& other) noexcept;
    Slot& operator=(Slot&& other) noexcept;
    ~Slot();

   private:
    friend class ConcurrencyLimiter;
    Slot(ConcurrencyLimiter* limiter, std::int64_t key)
        : limiter_(limiter), key_(key) {}

    ConcurrencyLimiter* limiter_;  // Null after a move.
    std::int64_t key_;
  };

  // Takes one of the `limit` slots of `key`, or returns nothing if all are
  // taken.
  std::optional<Slot> Take(std::int64_t key, int limit);

 private:
  void Release(std::int64_t key);

  absl::Mutex mutex_;
  absl::flat_hash_map<std::int64_t, int> taken_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pinhole
