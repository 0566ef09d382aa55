// SPDX-License-Identifier: Apache-2.0

#include "server/metrics/sqlite_collector.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>

#include "base/metrics/family.h"

namespace pinhole::metrics {
namespace {

using Families = std::vector<prometheus::MetricFamily>;

double Number(std::int64_t count) { return static_cast<double>(count); }

HistogramCounts BatchSizes(const SqliteStats& stats) {
  HistogramCounts sizes;
  for (int i = 0; i < SqliteStats::kBatchSizes; ++i) {
    sizes.bounds.push_back(Number(std::int64_t{1} << i));
  }
  sizes.counts.assign(stats.batch_sizes.begin(), stats.batch_sizes.end());
  sizes.counts.push_back(0);  // No batch is larger.
  sizes.sum = Number(stats.commands);
  return sizes;
}

prometheus::MetricFamily Syncs(const SqliteStats& stats) {
  prometheus::MetricFamily syncs =
      HistogramFamily("pinhole_db_fsync_duration_seconds",
                      "Seconds to sync a file to disk: the write-ahead log for "
                      "commits and checkpoints, the database for checkpoints.",
                      stats.log_sync_times);
  syncs.metric[0].label = {{"file", "log"}};
  syncs.metric.push_back(ToMetric(stats.database_sync_times));
  syncs.metric[1].label = {{"file", "db"}};
  return syncs;
}

Families OfWrites(const SqliteStats& stats) {
  return {
      HistogramFamily("pinhole_write_batch_size",
                      "Number of commands in a transaction.",
                      BatchSizes(stats)),
      Syncs(stats),
      Counter("pinhole_db_write_lock_held_seconds_total",
              "Seconds spent in write transactions, commits included.",
              stats.busy_seconds),
  };
}

Families OfReads(const SqliteStats& stats) {
  return {
      Counter(
          "pinhole_db_queries_total",
          "SQL statements executed; reads answered by a cache execute none.",
          "kind",
          {{"read", Number(stats.read_queries)},
           {"write", Number(stats.write_queries)}}),
      Counter("pinhole_db_query_seconds_total",
              "Seconds spent in reads, caches included, and in write "
              "transactions, commits excluded.",
              "kind",
              {{"read", stats.read_seconds},
               {"write",
                std::max(stats.busy_seconds - stats.commit_times.sum, 0.0)}}),
      Gauge("pinhole_db_pool_connections",
            "Database connections for reads, by state.", "state",
            {{"idle", Number(stats.readers - stats.readers_busy)},
             {"used", Number(stats.readers_busy)}}),
      HistogramFamily("pinhole_db_pool_wait_seconds",
                      "Seconds that reads waited for a database connection; "
                      "reads that did not wait are in the first bucket.",
                      stats.reader_waits),
      Counter("pinhole_db_busy_total",
              "Operations that found the database locked by another "
              "connection; 0 unless --writes is direct.",
              "outcome",
              {{"retried", Number(stats.busy_retries)},
               {"failed", Number(stats.busy_errors)}}),
  };
}

prometheus::MetricFamily DatabaseInfo(const SqliteSettings& settings) {
  prometheus::MetricFamily info =
      Gauge("pinhole_db_info",
            "Always 1; the labels show the settings of the database.", 1);
  info.metric[0].label = {
      {"engine", "sqlite"},
      {"journal_mode", settings.journal_mode},
      {"synchronous", settings.synchronous},
      {"foreign_keys", settings.foreign_keys ? "on" : "off"},
      {"page_bytes", std::to_string(settings.page_bytes)},
      {"schema_version", std::to_string(settings.schema_version)}};
  return info;
}

Families OfFiles(const SqliteStats& stats) {
  return {
      DatabaseInfo(stats.settings),
      Gauge("pinhole_db_size_bytes", "Size of the database file in bytes.",
            Number(stats.database_bytes)),
      Gauge("pinhole_db_wal_size_bytes",
            "Size of the write-ahead log file in bytes; the file is reused and "
            "shrinks only after it has become very long.",
            Number(stats.wal_bytes)),
      Gauge("pinhole_db_wal_frames",
            "Pages in the write-ahead log (logged), and pages of it that have "
            "been "
            "copied into the database (checkpointed).",
            "state",
            {{"logged", Number(stats.wal_frames)},
             {"checkpointed", Number(stats.wal_frames_copied)}}),
      Counter("pinhole_db_checkpoints_total",
              "Checkpoints of the write-ahead log, by outcome; in busy ones "
              "readers prevented copying all pages.",
              "outcome",
              {{"complete",
                Number(stats.checkpoints - stats.checkpoints_incomplete)},
               {"busy", Number(stats.checkpoints_incomplete)}}),
      Counter("pinhole_db_checkpoint_seconds_total",
              "Seconds spent in checkpoints of the write-ahead log.",
              stats.checkpoint_seconds),
  };
}

Families OfCaches(const SqliteStats& stats) {
  prometheus::MetricFamily requests{"pinhole_cache_requests_total",
                                    "Cache lookups, by result.",
                                    prometheus::MetricType::Counter,
                                    {}};
  std::vector<Series> evictions;
  std::vector<Series> entries;
  std::vector<Series> bytes;
  for (std::size_t i = 0; i < stats.caches.size(); ++i) {
    const std::string name = SqliteStats::kCaches[i];
    const CacheStats& cache = stats.caches[i];
    for (const auto& [result, count] :
         {std::pair("hit", cache.hits), std::pair("miss", cache.misses)}) {
      prometheus::ClientMetric metric;
      metric.label = {{"cache", name}, {"result", result}};
      metric.counter.value = Number(count);
      requests.metric.push_back(std::move(metric));
    }
    evictions.push_back({name, Number(cache.evictions)});
    entries.push_back({name, Number(cache.entries)});
    bytes.push_back({name, Number(cache.bytes)});
  }
  return {
      std::move(requests),
      Counter("pinhole_cache_evictions_total",
              "Cache entries evicted to make room for others.", "cache",
              evictions),
      Gauge("pinhole_cache_entries", "Number of cache entries.", "cache",
            entries),
      Gauge("pinhole_cache_size_bytes",
            "Approximate bytes held by cache entries.", "cache", bytes),
  };
}

}  // namespace

Families SqliteCollector::Collect() const {
  const SqliteStats stats = store_.DetailedStats();
  Families all;
  for (Families part :
       {OfWrites(stats), OfReads(stats), OfFiles(stats), OfCaches(stats)}) {
    std::move(part.begin(), part.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace pinhole::metrics
