// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"
#include "absl/synchronization/mutex.h"
#include "server/store/sqlite/db/sqlite_stats.h"

namespace pinhole::store {

// A least-recently-used cache of values from the database, bounded in bytes. It
// is sharded, with one lock per shard.  Thread-safe.
//
// Exact: a reader takes a ticket (`Begin`) before it reads a value from the
// database and passes it to `Put`.  If a key of the shard was erased or changed
// in between, the value may be stale and is not kept.
template <typename Key, typename Value>
class Cache {
 public:
  // Shared, so that readers can keep a value that is being replaced.
  using Pointer = std::shared_ptr<const Value>;
  struct Ticket {
    std::uint64_t changes = 0;
  };

  explicit Cache(std::size_t max_bytes) : max_bytes_(max_bytes / kParts) {}

  // Null if the key is missing.  Counts as a hit or a miss.
  Pointer Find(const Key& key) {
    Part& part = PartOf(key);
    const absl::MutexLock lock(&part.mutex);
    const auto found = part.index.find(key);
    if (found == part.index.end()) {
      ++part.misses;
      return nullptr;
    }
    ++part.hits;
    part.entries.splice(part.entries.begin(), part.entries, found->second);
    return found->second->value;
  }

  Ticket Begin(const Key& key) {
    Part& part = PartOf(key);
    const absl::MutexLock lock(&part.mutex);
    return Ticket{part.changes};
  }

  // `bytes` is the estimated size of the value, without the key and the
  // overhead of the cache.
  void Put(Ticket ticket, const Key& key, Pointer value, std::size_t bytes) {
    Part& part = PartOf(key);
    const absl::MutexLock lock(&part.mutex);
    if (part.changes != ticket.changes) return;
    Remove(part, key);
    part.entries.push_front(
        Entry{key, std::move(value), bytes + kOverheadBytes});
    part.index.emplace(key, part.entries.begin());
    part.bytes += bytes + kOverheadBytes;
    MakeRoom(part);
  }

  void Erase(const Key& key) {
    Part& part = PartOf(key);
    const absl::MutexLock lock(&part.mutex);
    ++part.changes;
    Remove(part, key);
  }

  // Applies `change(value)`, which returns the new size in bytes, to a copy of
  // the value, if there is one, and replaces the value by it.
  template <typename Change>
  void Update(const Key& key, Change change) {
    Part& part = PartOf(key);
    const absl::MutexLock lock(&part.mutex);
    ++part.changes;
    const auto found = part.index.find(key);
    if (found == part.index.end()) return;
    auto next = std::make_shared<Value>(*found->second->value);
    Entry& entry = *found->second;
    part.bytes -= entry.bytes;
    entry.bytes = change(*next) + kOverheadBytes;
    entry.value = std::move(next);
    part.bytes += entry.bytes;
    MakeRoom(part);
  }

  void Clear() {
    for (Part& part : parts_) {
      const absl::MutexLock lock(&part.mutex);
      ++part.changes;
      part.index.clear();
      part.entries.clear();
      part.bytes = 0;
    }
  }

  CacheStats Stats() const {
    CacheStats stats;
    for (const Part& part : parts_) {
      const absl::MutexLock lock(&part.mutex);
      stats.hits += part.hits;
      stats.misses += part.misses;
      stats.evictions += part.evictions;
      stats.entries += static_cast<std::int64_t>(part.entries.size());
      stats.bytes += static_cast<std::int64_t>(part.bytes);
    }
    return stats;
  }

 private:
  static constexpr std::size_t kParts = 16;
  // Estimate for a list node, an index slot and a reference count.
  static constexpr std::size_t kOverheadBytes = 128;

  struct Entry {
    Key key;
    Pointer value;
    std::size_t bytes = 0;
  };
  struct Part {
    mutable absl::Mutex mutex;
    std::list<Entry> entries ABSL_GUARDED_BY(mutex);  // Most recent first.
    absl::flat_hash_map<Key, typename std::list<Entry>::iterator> index
        ABSL_GUARDED_BY(mutex);
    std::size_t bytes ABSL_GUARDED_BY(mutex) = 0;
    std::uint64_t changes ABSL_GUARDED_BY(mutex) = 0;
    std::int64_t hits ABSL_GUARDED_BY(mutex) = 0;
    std::int64_t misses ABSL_GUARDED_BY(mutex) = 0;
    std::int64_t evictions ABSL_GUARDED_BY(mutex) = 0;
  };

  Part& PartOf(const Key& key) {
    // Not the low bits, which the index of the part uses.
    return parts_[absl::HashOf(key) >> 40 & (kParts - 1)];
  }

  void MakeRoom(Part& part) ABSL_EXCLUSIVE_LOCKS_REQUIRED(part.mutex) {
    while (part.bytes > max_bytes_) {
      ++part.evictions;
      Remove(part, Key(part.entries.back().key));
    }
  }

  static void Remove(Part& part, const Key& key)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(part.mutex) {
    const auto found = part.index.find(key);
    if (found == part.index.end()) return;
    part.bytes -= found->second->bytes;
    part.entries.erase(found->second);
    part.index.erase(found);
  }

  const std::size_t max_bytes_;
  std::array<Part, kParts> parts_;
};

}  // namespace pinhole::store
