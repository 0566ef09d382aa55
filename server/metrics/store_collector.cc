// SPDX-License-Identifier: Apache-2.0

#include "server/metrics/store_collector.h"

#include <cstdint>
#include <limits>

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
      Gauge("pinhole_db_writable",
            "1 while writes are taken, 0 once the disk could not be trusted.",
            stats.writable ? 1 : 0),
  };
}

}  // namespace pinhole::metrics
