// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_CONCURRENCY_LIMITER_H_
#define PINHOLE_BASE_CONCURRENCY_LIMITER_H_

#include <cstdint>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"

namespace pinhole {

// Counts what each somebody has under way at a time, and bounds it.  Keeps
// memory only for keys that hold a place.  Thread-safe.
class ConcurrencyLimiter {
 public:
  // One thing under way, until it is destroyed.  The `ConcurrencyLimiter`
  // outlive it.
  class Slot {
   public:
    Slot(Slot&& other) noexcept;
    Slot& operator=(Slot&& other) noexcept;
    ~Slot();

   private:
    friend class ConcurrencyLimiter;
    Slot(ConcurrencyLimiter* places, std::int64_t key)
        : places_(places), key_(key) {}

    ConcurrencyLimiter* places_;  // Null after a move.
    std::int64_t key_;
  };

  // Takes one of the `most` places of `key`; nothing if all are taken.
  std::optional<Slot> Take(std::int64_t key, int most);

 private:
  void Release(std::int64_t key);

  absl::Mutex mutex_;
  absl::flat_hash_map<std::int64_t, int> taken_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pinhole

#endif  // PINHOLE_BASE_CONCURRENCY_LIMITER_H_
