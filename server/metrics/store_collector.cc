// SPDX-License-Identifier: Apache-2.0

#include "server/metrics/store_collector.h"

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

HistogramCounts BatchSizes(const StoreStats& stats) {
  HistogramCounts sizes;
  for (int i = 0; i < StoreStats::kBatchSizes; ++i) {
    sizes.bounds.push_back(Number(std::int64_t{1} << i));
  }
  sizes.counts.assign(stats.batch_sizes.begin(), stats.batch_sizes.end());
  sizes.counts.push_back(0);  // No batch is larger.
  sizes.sum = Number(stats.commands);
  return sizes;
}

prometheus::MetricFamily Syncs(const StoreStats& stats) {
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

Families OfWrites(const StoreStats& stats) {
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
      HistogramFamily("pinhole_write_batch_size",
                      "Commands in one transaction.", BatchSizes(stats)),
      HistogramFamily("pinhole_db_write_wait_seconds",
                      "How long commands waited for the writer.",
                      stats.write_waits),
      HistogramFamily("pinhole_db_commit_duration_seconds",
                      "Commits, the sync to disk included.",
                      stats.commit_times),
      Syncs(stats),
      Counter("pinhole_db_write_lock_held_seconds_total",
              "Time spent in transactions that write, commits included.",
              stats.busy_seconds),
      Gauge("pinhole_db_write_seconds_so_far",
            "How long the writer's work under way takes already; grows when "
            "the disk does not answer.",
            stats.write_seconds_so_far),
      Counter("pinhole_db_transactions_total",
              "Transactions that wrote, and those lost as a whole.", "outcome",
              {{"commit", Number(stats.commits)},
               {"rollback", Number(stats.rollbacks)}}),
      Gauge("pinhole_db_writable",
            "1 while writes are taken, 0 once the disk could not be trusted.",
            stats.writable ? 1 : 0),
  };
}

Families OfReads(const StoreStats& stats) {
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

prometheus::MetricFamily DatabaseInfo(const DatabaseSettings& settings) {
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

Families OfFiles(const StoreStats& stats) {
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
      Gauge("pinhole_users", "Users.", Number(stats.rows.users)),
      Gauge("pinhole_photos", "Photos.", Number(stats.rows.photos)),
      Gauge("pinhole_sessions_active",
            "Sessions; one that runs out counts until it is purged.",
            Number(stats.rows.sessions)),
  };
}

Families OfCaches(const StoreStats& stats) {
  prometheus::MetricFamily requests{"pinhole_cache_requests_total",
                                    "Look-ups in memory, by what came of them.",
                                    prometheus::MetricType::Counter,
                                    {}};
  std::vector<Series> evictions;
  std::vector<Series> entries;
  std::vector<Series> bytes;
  for (std::size_t i = 0; i < stats.caches.size(); ++i) {
    const std::string name = StoreStats::kCaches[i];
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

Families StoreCollector::Collect() const {
  const StoreStats stats = store_.Stats();
  Families all;
  for (Families part :
       {OfWrites(stats), OfReads(stats), OfFiles(stats), OfCaches(stats)}) {
    std::move(part.begin(), part.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace pinhole::metrics
