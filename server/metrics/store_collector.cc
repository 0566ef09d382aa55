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
      Gauge("pinhole_write_queue_depth", "Commands that wait for the writer.",
            Number(stats.queue_depth)),
      Gauge("pinhole_write_queue_bytes",
            "Approximate bytes held by commands that wait for the writer.",
            Number(stats.queue_bytes)),
      Counter("pinhole_write_queue_rejections_total",
              "Commands refused because the queue was full.",
              Number(stats.queue_rejections)),
      Counter("pinhole_write_commands_total",
              "Commands executed by the writer, failed ones included.",
              Number(stats.commands)),
      Counter("pinhole_write_commands_failed_total",
              "Commands executed by the writer that ended with an error.",
              Number(stats.commands_failed)),
      Counter("pinhole_write_commands_expired_total",
              "Commands not executed because their deadline had passed.",
              Number(stats.commands_expired)),
      HistogramFamily("pinhole_db_write_wait_seconds",
                      "Seconds that commands waited for the writer.",
                      stats.write_waits),
      HistogramFamily(
          "pinhole_db_commit_duration_seconds",
          "Seconds to commit a transaction, the sync to disk included.",
          stats.commit_times),
      Gauge("pinhole_db_write_seconds_so_far",
            "Seconds since the writer started its current work, 0 if it is "
            "idle; grows while the disk does not respond.",
            stats.write_seconds_so_far),
      Counter("pinhole_db_transactions_total",
              "Write transactions, by outcome: committed or rolled back.",
              "outcome",
              {{"commit", Number(stats.commits)},
               {"rollback", Number(stats.rollbacks)}}),
      Gauge("pinhole_db_writable",
            "1 while writes are accepted; 0 after the disk has failed, or "
            "while PostgreSQL refuses them or cannot be reached.",
            stats.writable ? 1 : 0),
      Gauge("pinhole_users", "Number of users.", Number(stats.rows.users)),
      Gauge("pinhole_photos", "Number of photos.", Number(stats.rows.photos)),
      Gauge("pinhole_sessions_active",
            "Number of sessions, expired ones included until they are purged.",
            Number(stats.rows.sessions)),
  };
}

}  // namespace pinhole::metrics
