// SPDX-License-Identifier: Apache-2.0

#include "server/app/server_collector.h"

#include <cstddef>
#include <string>
#include <thread>
#include <utility>

#include "base/log/log_level.h"
#include "base/metrics/family.h"
#include "grpcpp/grpcpp.h"
#include "server/store/sqlite/sqlite_store.h"

namespace pinhole::app {
namespace {

prometheus::MetricFamily BuildInfo() {
  prometheus::MetricFamily build = Gauge(
      "pinhole_build_info", "Always 1; the labels describe the build.", 1);
  build.metric[0].label = {
      {"version", PINHOLE_VERSION},
      {"commit", PINHOLE_COMMIT},
      {"build_type", PINHOLE_BUILD_TYPE},
      {"compiler", __VERSION__},
      {"sqlite_version", SqliteVersion()},
      {"grpc_version", grpc::Version()},
      {"cpus", std::to_string(std::thread::hardware_concurrency())}};
  return build;
}

// A metric of its own, so that the series of pinhole_build_info continue when
// the server restarts.
prometheus::MetricFamily InstanceInfo(const std::string& instance_id) {
  prometheus::MetricFamily instance =
      Gauge("pinhole_instance_info",
            "Always 1; the label identifies this run of the process, as "
            "GetServerInfo reports it.",
            1);
  instance.metric[0].label = {{"instance_id", instance_id}};
  return instance;
}

prometheus::MetricFamily LogLines(const LogSink* log) {
  std::vector<Series> series;
  for (std::size_t i = 0; i < kLogLevelNames.size(); ++i) {
    const auto lines =
        log == nullptr ? 0 : log->lines(static_cast<LogLevel>(i));
    series.push_back(
        {std::string(kLogLevelNames[i]), static_cast<double>(lines)});
  }
  return Counter("pinhole_log_messages_total",
                 "Log lines, dropped ones included, by severity.", "severity",
                 series);
}

}  // namespace

ServerCollector::ServerCollector(const rpc::Health& health,
                                 const FreeSpace& free_space,
                                 std::shared_ptr<const LogSink> log,
                                 Facts facts)
    : health_(health),
      free_space_(free_space),
      log_(std::move(log)),
      facts_(std::move(facts)) {}

std::vector<prometheus::MetricFamily> ServerCollector::Collect() const {
  return {
      BuildInfo(),
      InstanceInfo(facts_.instance_id),
      Gauge("pinhole_password_hash_threads",
            "Threads that can hash passwords at once.", facts_.hash_threads),
      Gauge("pinhole_ready", "1 while the server is ready to serve, else 0.",
            health_.serving() ? 1 : 0),
      LogLines(log_.get()),
      Gauge("pinhole_storage_available_bytes",
            "Free disk space in bytes for the database (data) and the photos, "
            "updated once a minute.",
            "volume",
            {{"data", static_cast<double>(free_space_.data_bytes())},
             {"photos", static_cast<double>(free_space_.photos_bytes())}}),
  };
}

}  // namespace pinhole::app
