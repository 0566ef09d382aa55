// SPDX-License-Identifier: Apache-2.0

#include "server/metrics/postgres_collector.h"

#include <cstdint>

#include "base/metrics/family.h"

namespace pinhole::metrics {
namespace {

using Families = std::vector<prometheus::MetricFamily>;

double Number(std::int64_t count) { return static_cast<double>(count); }

HistogramCounts BatchSizes(const PostgresStats& stats) {
  HistogramCounts sizes;
  for (std::size_t i = 0; i < stats.writer.batch_sizes.size(); ++i) {
    sizes.bounds.push_back(Number(std::int64_t{1} << i));
  }
  sizes.counts.assign(stats.writer.batch_sizes.begin(),
                      stats.writer.batch_sizes.end());
  sizes.counts.push_back(0);  // No batch is larger.
  sizes.sum = Number(stats.commands);
  return sizes;
}

}  // namespace

Families PostgresCollector::Collect() const {
  const PostgresStats stats = store_.DetailedStats();
  const auto of_both_lanes = [&stats](
                                 std::int64_t postgres::LaneStats::*field) {
    return Number(stats.writer.batches.*field + stats.writer.singles.*field);
  };
  return {
      HistogramFamily("pinhole_write_batch_size",
                      "Number of commands in a transaction.",
                      BatchSizes(stats)),
      Gauge("pinhole_postgres_ready",
            "1 while PostgreSQL accepts reads and writes, 0 otherwise.",
            stats.health.ready() ? 1 : 0),
      Gauge("pinhole_postgres_waits_for_standby",
            "1 if commits wait for a synchronous standby, 0 otherwise.",
            stats.health.waits_for_standby ? 1 : 0),
      Gauge("pinhole_postgres_synchronous_standbys",
            "Connected synchronous standbys; -1 if the role may not see them.",
            Number(stats.health.synchronous_standbys)),
      Counter("pinhole_postgres_write_conflicts_total",
              "Write transactions repeated because of a conflict with another "
              "server.",
              of_both_lanes(&postgres::LaneStats::conflicts)),
      Counter("pinhole_postgres_write_reconnects_total",
              "Connections for writes that were opened again.",
              of_both_lanes(&postgres::LaneStats::reconnects)),
      Counter("pinhole_postgres_settled_commits_total",
              "Commits whose answer was lost with the connection, by what the "
              "database said later.",
              "outcome",
              {{"committed",
                of_both_lanes(&postgres::LaneStats::settled_committed)},
               {"lost", of_both_lanes(&postgres::LaneStats::settled_lost)}}),
      Gauge("pinhole_postgres_reads_waiting",
            "Reads that wait for a connection.", Number(stats.readers.waiting)),
      Gauge("pinhole_postgres_readers_busy",
            "Connections for reads that are in use.",
            Number(stats.readers.busy)),
      Counter("pinhole_postgres_reads_total", "Reads answered.",
              Number(stats.readers.reads)),
      Counter("pinhole_postgres_read_rejections_total",
              "Reads refused because too many were waiting.",
              Number(stats.readers.rejections)),
      Counter("pinhole_postgres_read_repeats_total",
              "Reads repeated after their connection was lost.",
              Number(stats.readers.repeats)),
      HistogramFamily("pinhole_postgres_read_wait_seconds",
                      "Seconds that reads waited for a connection.",
                      stats.readers.waits),
  };
}

}  // namespace pinhole::metrics
