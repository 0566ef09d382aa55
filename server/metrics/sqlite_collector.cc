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
                      "Syncs to disk: of the log by commits and checkpoints, "
                      "of the database by checkpoints.",
                      stats.log_sync_times);
  syncs.metric[0].label = {{"file", "log"}};
  syncs.metric.push_back(ToMetric(stats.database_sync_times));
  syncs.metric[1].label = {{"file", "db"}};
  return syncs;
}

Families OfWrites(const SqliteStats& stats) {
  return {
      HistogramFamily("pinhole_write_batch_size",
                      "Commands in one transaction.", BatchSizes(stats)),
      Syncs(stats),
      Counter("pinhole_db_write_lock_held_seconds_total",
              "Time spent in transactions that write, commits included.",
              stats.busy_seconds),
  };
}

Families OfReads(const SqliteStats& stats) {
  return {
      Counter("pinhole_db_queries_total",
              "SQL statements run; what caches answer is none.", "kind",
              {{"read", Number(stats.read_queries)},
               {"write", Number(stats.write_queries)}}),
      Counter("pinhole_db_query_seconds_total",
              "Time spent in reads, caches included, and in transactions that "
              "write, without the commits.",
              "kind",
              {{"read", stats.read_seconds},
               {"write",
                std::max(stats.busy_seconds - stats.commit_times.sum, 0.0)}}),
      Gauge("pinhole_db_pool_connections", "Connections for reads.", "state",
            {{"idle", Number(stats.readers - stats.readers_busy)},
             {"used", Number(stats.readers_busy)}}),
      HistogramFamily("pinhole_db_pool_wait_seconds",
                      "How long reads waited for a connection; those that did "
                      "not are in the first bucket.",
                      stats.reader_waits),
      Counter("pinhole_db_busy_total",
              "Calls for which another connection held the lock; stays 0 "
              "unless writes are direct.",
              "outcome",
              {{"retried", Number(stats.busy_retries)},
               {"failed", Number(stats.busy_errors)}}),
  };
}

prometheus::MetricFamily DatabaseInfo(const SqliteSettings& settings) {
  prometheus::MetricFamily info =
      Gauge("pinhole_db_info",
            "Always 1; the labels say how the database is set.", 1);
  info.metric[0].label = {
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
      Gauge("pinhole_db_size_bytes", "The database file.",
            Number(stats.database_bytes)),
      Gauge("pinhole_db_wal_size_bytes",
            "The file of the write-ahead log, which is used again and shrinks "
            "only after it was very long.",
            Number(stats.wal_bytes)),
      Gauge("pinhole_db_wal_frames",
            "Pages in the write-ahead log, and how many of them have been "
            "copied into the database.",
            "state",
            {{"logged", Number(stats.wal_frames)},
             {"checkpointed", Number(stats.wal_frames_copied)}}),
      Counter("pinhole_db_checkpoints_total",
              "Checkpoints of the log; busy ones were kept by readers from "
              "copying all.",
              "outcome",
              {{"complete", Number(stats.checkpoints - stats.checkpoints_cut)},
               {"busy", Number(stats.checkpoints_cut)}}),
      Counter("pinhole_db_checkpoint_seconds_total",
              "Time spent in checkpoints.", stats.checkpoint_seconds),
  };
}

Families OfCaches(const SqliteStats& stats) {
  prometheus::MetricFamily requests{"pinhole_cache_requests_total",
                                    "Look-ups in memory, by what came of them.",
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
              "Entries dropped to make room for others.", "cache", evictions),
      Gauge("pinhole_cache_entries", "Entries in memory.", "cache", entries),
      Gauge("pinhole_cache_size_bytes", "About what these hold.", "cache",
            bytes),
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
