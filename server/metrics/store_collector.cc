// SPDX-License-Identifier: Apache-2.0

#include "server/metrics/store_collector.h"

#include <cstdint>
#include <limits>
#include <utility>

#include "server/metrics/family.h"

namespace pinhole::metrics {
namespace {

double Number(std::int64_t count) { return static_cast<double>(count); }

prometheus::MetricFamily BatchSizes(const StoreStats& stats) {
  prometheus::ClientMetric metric;
  std::int64_t so_far = 0;
  for (int i = 0; i < StoreStats::kBatchSizes; ++i) {
    so_far += stats.batch_sizes[static_cast<std::size_t>(i)];
    metric.histogram.bucket.push_back(
        {static_cast<std::uint64_t>(so_far), Number(std::int64_t{1} << i)});
  }
  metric.histogram.bucket.push_back({static_cast<std::uint64_t>(so_far),
                                     std::numeric_limits<double>::infinity()});
  metric.histogram.sample_count = static_cast<std::uint64_t>(so_far);
  metric.histogram.sample_sum = Number(stats.commands);
  return {"pinhole_write_batch_size",
          "Commands in one transaction.",
          prometheus::MetricType::Histogram,
          {metric}};
}

// One series for each cache.
prometheus::MetricFamily ByCache(const StoreStats& stats,
                                 prometheus::MetricType type, const char* name,
                                 const char* help,
                                 std::int64_t CacheStats::*field) {
  prometheus::MetricFamily family{name, help, type, {}};
  for (std::size_t i = 0; i < stats.caches.size(); ++i) {
    prometheus::ClientMetric metric;
    metric.label = {{"cache", StoreStats::kCaches[i]}};
    const double value = Number(stats.caches[i].*field);
    if (type == prometheus::MetricType::Counter) {
      metric.counter.value = value;
    } else {
      metric.gauge.value = value;
    }
    family.metric.push_back(std::move(metric));
  }
  return family;
}

}  // namespace

std::vector<prometheus::MetricFamily> StoreCollector::Collect() const {
  const StoreStats stats = store_.Stats();
  return {
      Gauge("pinhole_write_queue_depth", "Commands waiting for the writer.",
            Number(stats.queue_depth)),
      Gauge("pinhole_write_queue_bytes", "About what these hold.",
            Number(stats.queue_bytes)),
      Counter("pinhole_write_queue_rejections_total",
              "Commands refused because the queue was full.",
              Number(stats.queue_rejections)),
      Counter("pinhole_write_commands_total", "Commands run.",
              Number(stats.commands)),
      Counter("pinhole_write_commands_failed_total",
              "Commands run that ended with an error.",
              Number(stats.commands_failed)),
      Counter("pinhole_write_commands_expired_total",
              "Commands not run because their deadline had passed.",
              Number(stats.commands_expired)),
      BatchSizes(stats),
      Counter("pinhole_db_commits_total", "Transactions committed.",
              Number(stats.commits)),
      Counter("pinhole_db_rollbacks_total", "Transactions lost as a whole.",
              Number(stats.rollbacks)),
      Counter("pinhole_db_commit_seconds_total",
              "Time spent in commits, syncing to disk included.",
              stats.commit_seconds),
      Counter("pinhole_db_write_lock_held_seconds_total",
              "Time spent in transactions, commits included.",
              stats.busy_seconds),
      Counter("pinhole_db_checkpoints_total", "Checkpoints of the log.",
              Number(stats.checkpoints)),
      Counter("pinhole_db_checkpoint_seconds_total",
              "Time spent in checkpoints.", stats.checkpoint_seconds),
      Gauge("pinhole_db_wal_frames", "Pages in the write-ahead log.",
            Number(stats.wal_frames)),
      Gauge("pinhole_db_readers_busy", "Read connections in use.",
            Number(stats.readers_busy)),
      Counter("pinhole_db_reader_waits_total",
              "Reads that had to wait for a connection.",
              Number(stats.reader_waits)),
      Counter("pinhole_db_busy_errors_total",
              "Calls refused because another connection held the lock.",
              Number(stats.busy_errors)),
      ByCache(stats, prometheus::MetricType::Counter,
              "pinhole_cache_hits_total", "Answers found in memory.",
              &CacheStats::hits),
      ByCache(stats, prometheus::MetricType::Counter,
              "pinhole_cache_misses_total", "Answers not found in memory.",
              &CacheStats::misses),
      ByCache(stats, prometheus::MetricType::Counter,
              "pinhole_cache_evictions_total",
              "Entries dropped to make room for others.",
              &CacheStats::evictions),
      ByCache(stats, prometheus::MetricType::Gauge, "pinhole_cache_entries",
              "Entries in memory.", &CacheStats::entries),
      ByCache(stats, prometheus::MetricType::Gauge, "pinhole_cache_bytes",
              "About what these hold.", &CacheStats::bytes),
      Gauge("pinhole_db_writable",
            "1 while writes are taken, 0 once the disk could not be trusted.",
            stats.writable ? 1 : 0),
  };
}

}  // namespace pinhole::metrics
