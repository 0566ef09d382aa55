// SPDX-License-Identifier: Apache-2.0

#include "server/metrics/postgres_collector.h"

#include <cstdint>
#include <string>

#include "base/metrics/family.h"
#include "fmt/format.h"

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

std::string VersionText(int server_version) {
  if (server_version == 0) return "unknown";
  return fmt::format("{}.{}", server_version / 10000, server_version % 10000);
}

prometheus::MetricFamily DatabaseInfo(const postgres::Health& health) {
  prometheus::MetricFamily info =
      Gauge("pinhole_db_info",
            "Always 1; the labels show the settings of the database.", 1);
  info.metric[0].label = {
      {"engine", "postgresql"},
      {"version", VersionText(health.server_version)},
      {"schema_version", std::to_string(health.schema_version)}};
  return info;
}

}  // namespace

Families PostgresCollector::Collect() const {
  const PostgresStats stats = store_.DetailedStats();
  const auto of_both_lanes = [&stats](
                                 std::int64_t postgres::LaneStats::*field) {
    return Number(stats.writer.batches.*field + stats.writer.singles.*field);
  };
  return {
      DatabaseInfo(stats.health),
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
      Counter(
          "pinhole_db_queries_total",
          "SQL statements executed; reads answered by a cache execute none.",
          "kind",
          {{"read", Number(stats.readers.queries)},
           {"write", of_both_lanes(&postgres::LaneStats::queries)}}),
      Gauge("pinhole_db_pool_connections",
            "Database connections for reads, by state.", "state",
            {{"idle", Number(stats.readers.threads - stats.readers.busy)},
             {"used", Number(stats.readers.busy)}}),
      HistogramFamily("pinhole_db_pool_wait_seconds",
                      "Seconds that reads waited for a database connection; "
                      "reads that did not wait are in the first bucket.",
                      stats.readers.waits),
      Gauge("pinhole_postgres_reads_waiting",
            "Reads that wait for a connection.", Number(stats.readers.waiting)),
      Counter("pinhole_postgres_reads_total", "Reads answered.",
              Number(stats.readers.reads)),
      Counter("pinhole_postgres_read_rejections_total",
              "Reads refused because too many were waiting.",
              Number(stats.readers.rejections)),
      Counter("pinhole_postgres_read_repeats_total",
              "Reads repeated after their connection was lost.",
              Number(stats.readers.repeats)),
  };
}

}  // namespace pinhole::metrics
