// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/histogram.h"
#include "server/store/store.h"

namespace pinhole {

// The settings of the connection that writes.
struct SqliteSettings {
  std::string journal_mode;  // "wal" or "delete"
  std::string synchronous;   // "full" or "extra"
  bool foreign_keys = false;
  std::int64_t page_bytes = 0;
  std::int64_t schema_version = 0;
};

// The work and the content of one cache.
struct CacheStats {
  std::int64_t hits = 0;
  std::int64_t misses = 0;
  std::int64_t evictions = 0;  // Entries removed to make room.
  std::int64_t entries = 0;
  std::int64_t bytes = 0;  // An estimate.
};

// The statistics of an SQLite store since it was opened.
struct SqliteStats : StoreStats {
  // `batch_sizes[i]` counts the batches of at most 2^i commands (1, 2, 4 ..
  // 256) that no smaller class counts.
  static constexpr int kBatchSizes = 9;

  std::array<std::int64_t, kBatchSizes> batch_sizes = {};
  // Seconds per sync: of the write-ahead log, by commits and checkpoints (or of
  // the rollback journal, by commits), and of the database file.
  HistogramCounts log_sync_times;
  HistogramCounts database_sync_times;
  double busy_seconds = 0;         // Write lock held, commits included.
  std::int64_t write_queries = 0;  // Statements of commands and commits.
  std::int64_t checkpoints = 0;
  std::int64_t checkpoints_incomplete =
      0;  // Checkpoints that readers cut short.
  double checkpoint_seconds = 0;
  std::int64_t wal_frames = 0;         // Pages in the write-ahead log.
  std::int64_t wal_frames_copied = 0;  // Of these, checkpointed pages.
  std::int64_t wal_bytes = 0;          // Size of the log file.
  std::int64_t database_bytes = 0;     // Size of the database file.
  std::int64_t readers = 0;            // Connections for reads.
  std::int64_t readers_busy = 0;       // Connections that are in use.
  HistogramCounts reader_waits;        // Seconds reads waited for a connection.
  std::int64_t read_queries = 0;       // Statements of reads.
  double read_seconds = 0;  // Time connections for reads were in use.
  // Operations that found the lock held by another connection and were retried
  // or refused.  Both stay 0 unless an option for measuring is used.
  std::int64_t busy_retries = 0;
  std::int64_t busy_errors = 0;
  SqliteSettings settings;
  static constexpr std::array<const char*, 7> kCaches = {
      "session", "handle", "user", "photo", "ties", "feed", "likes"};
  std::array<CacheStats, kCaches.size()> caches = {};
};

}  // namespace pinhole
