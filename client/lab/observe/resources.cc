// SPDX-License-Identifier: Apache-2.0

#include "client/lab/observe/resources.h"

#include <map>
#include <string>

namespace pinhole::lab {
namespace {

constexpr double kMiB = 1 << 20;

double Ratio(double part, double all) { return all > 0 ? part / all : 0; }

// The differences of counters between two pages.
class Difference {
 public:
  Difference(const MetricsPage& before, const MetricsPage& after)
      : before_(before), after_(after) {}

  double operator()(const std::string& name,
                    const MetricsPage::Labels& labels = {}) const {
    return after_.Sum(name, labels) - before_.Sum(name, labels);
  }
  double P99Ms(const std::string& name) const {
    return 1000 * HistogramQuantile(0.99, name, before_, after_);
  }

 private:
  const MetricsPage& before_;
  const MetricsPage& after_;
};

void AddTimeSpent(const Difference& difference, const MetricsPage& after,
                  report::Resources& resources) {
  std::map<std::string, report::TimeSpent> methods;
  for (const auto& sample : after.Of("pinhole_rpc_part_seconds_total")) {
    const auto method = sample.labels.find("grpc_method");
    const auto part = sample.labels.find("part");
    if (method == sample.labels.end() || part == sample.labels.end()) continue;
    const double seconds =
        difference("pinhole_rpc_part_seconds_total", sample.labels);
    if (seconds <= 0) continue;
    (*methods[method->second].mutable_part_ms())[part->second] += seconds;
  }
  for (auto& [method, spent] : methods) {
    spent.set_method(method);
    spent.set_calls(difference("grpc_server_handling_seconds_count",
                               {{"grpc_method", method}}));
    for (auto& [part, value] : *spent.mutable_part_ms()) {
      value = Ratio(1000 * value, spent.calls());
    }
    if (spent.calls() > 0) *resources.add_time_spent() = spent;
  }
}

}  // namespace

report::Resources ResourcesBetween(const MetricsPage& before,
                                   const MetricsPage& after, double seconds) {
  const Difference difference(before, after);
  report::Resources resources;
  const auto share = [&](const std::string& name) {
    return Ratio(difference(name), seconds);
  };
  resources.set_cpu_cores(share("process_cpu_seconds_total"));
  resources.set_memory_mib(after.Sum("process_resident_memory_bytes") / kMiB);
  resources.set_write_lock_share(
      share("pinhole_db_write_lock_held_seconds_total"));
  const double commit_seconds =
      difference("pinhole_db_commit_duration_seconds_sum");
  const double commits = difference("pinhole_db_commit_duration_seconds_count");
  resources.set_commit_share(Ratio(commit_seconds, seconds));
  resources.set_fsync_share(Ratio(
      difference("pinhole_db_fsync_duration_seconds_sum", {{"file", "log"}}),
      seconds));
  resources.set_commit_mean_ms(Ratio(1000 * commit_seconds, commits));
  resources.set_commit_p99_ms(
      difference.P99Ms("pinhole_db_commit_duration_seconds"));
  resources.set_commands_per_commit(
      Ratio(difference("pinhole_write_commands_total"), commits));
  resources.set_hash_cores(share("pinhole_password_hash_cpu_seconds_total"));
  resources.set_hash_threads(after.Sum("pinhole_password_hash_threads"));
  resources.set_write_wait_p99_ms(
      difference.P99Ms("pinhole_db_write_wait_seconds"));
  resources.set_pool_wait_p99_ms(
      difference.P99Ms("pinhole_db_pool_wait_seconds"));
  const double hits =
      difference("pinhole_cache_requests_total", {{"result", "hit"}});
  resources.set_cache_hit_ratio(
      Ratio(hits, difference("pinhole_cache_requests_total")));
  // Without caches, as on PostgreSQL, each call needs its statements.
  if (after.Has("pinhole_cache_requests_total")) {
    resources.set_queries_per_operation(
        Ratio(difference("pinhole_db_queries_total", {{"kind", "read"}}),
              difference("grpc_server_handled_total")));
  }
  resources.set_busy_errors(
      difference("pinhole_db_busy_total", {{"outcome", "failed"}}));
  resources.set_rejected(difference("pinhole_rpc_rejected_total"));
  resources.set_wal_mib(after.Sum("pinhole_db_wal_size_bytes") / kMiB);
  resources.set_checkpoint_share(share("pinhole_db_checkpoint_seconds_total"));
  AddTimeSpent(difference, after, resources);
  return resources;
}

report::Rows RowsOf(const MetricsPage& page) {
  report::Rows rows;
  rows.set_users(page.Sum("pinhole_users"));
  rows.set_photos(page.Sum("pinhole_photos"));
  rows.set_database_mib(page.Sum("pinhole_db_size_bytes") / kMiB);
  return rows;
}

}  // namespace pinhole::lab
