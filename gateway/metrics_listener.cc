// SPDX-License-Identifier: Apache-2.0

#include "gateway/metrics_listener.h"

#include <string_view>
#include <utility>

#include "base/log/log.h"

namespace pinhole::gateway {
namespace {

class NoObserver final : public Observer {
 public:
  void Started(std::string_view) override {}
  void Finished(const AccessRecord&) override {}
};

}  // namespace

absl::StatusOr<std::unique_ptr<HttpServer>> StartMetricsListener(
    const std::string& listen, std::function<std::string()> metrics,
    Upstream& upstream) {
  static NoObserver& nobody = *new NoObserver;
  HttpServer::Options options;
  options.listen = listen;
  options.metrics = std::move(metrics);
  // A few scrapers, each with one persistent connection.
  options.limits.connections = 64;
  options.log = [](std::string_view line) {
    LogError("metrics: {}", std::string(line));
  };
  return HttpServer::Start(std::move(options), upstream, nobody);
}

}  // namespace pinhole::gateway
