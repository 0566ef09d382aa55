// SPDX-License-Identifier: Apache-2.0

#include "server/metrics/store_collector.h"

#include <cstdint>

#include "base/metrics/family.h"

namespace pinhole::metrics {
namespace {

double Number(std::int64_t count) { return static_cast<double>(count); }

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
      HistogramFamily("pinhole_db_write_wait_seconds",
                      "How long commands waited for the writer.",
                      stats.write_waits),
      HistogramFamily("pinhole_db_commit_duration_seconds",
                      "Commits, the sync to disk included.",
                      stats.commit_times),
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
      Gauge("pinhole_users", "Users.", Number(stats.rows.users)),
      Gauge("pinhole_photos", "Photos.", Number(stats.rows.photos)),
      Gauge("pinhole_sessions_active",
            "Sessions; one that runs out counts until it is purged.",
            Number(stats.rows.sessions)),
  };
}

}  // namespace pinhole::metrics
