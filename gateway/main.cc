// SPDX-License-Identifier: Apache-2.0

// pinhole-gateway serves gRPC servers as JSON over HTTP.

#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "base/log/log.h"
#include "base/log/logging.h"
#include "base/log/proxy_warning.h"
#include "base/log/refusal_summary.h"
#include "base/metrics/process_collector.h"
#include "base/process/service_process.h"
#include "client/web/site.h"
#include "gateway/http_server.h"
#include "gateway/metrics.h"
#include "gateway/metrics_listener.h"
#include "gateway/request_log.h"
#include "gateway/services.h"
#include "gateway/settings.h"
#include "gateway/upstream/remote_upstream.h"

namespace pinhole::gateway {
namespace {

int Fail(const absl::Status& status) {
  return ServiceProcess::Fail("pinhole-gateway", status,
                              absl::IsInvalidArgument(status) ? 2 : 1);
}

int Serve(const Settings& settings) {
  if (const absl::Status good = CheckSettings(settings); !good.ok()) {
    return Fail(good);
  }
  const ServiceProcess process(settings.http.tls.has_value());
  const std::shared_ptr<LogSink> log = StartLogging(settings.log);
  RefusalSummary refusals(log);
  const RequestLog requests(log, settings.log.slow, refusals);
  const auto registry = std::make_shared<prometheus::Registry>();
  const auto own = std::make_shared<ProcessCollector>();
  Metrics metrics(*registry);
  const auto page = [registry, own] { return MetricsText({registry, own}); };
  RemoteUpstreamOptions remote = settings.upstream;
  remote.token_check = MakeTokenCheck();
  auto upstream = RemoteUpstream::Create(settings.backends, std::move(remote));
  if (!upstream.ok()) return Fail(upstream.status());
  std::unique_ptr<HttpServer> listener;
  if (settings.metrics_listen != "off") {
    auto started =
        StartMetricsListener(settings.metrics_listen, page, **upstream);
    if (!started.ok()) return Fail(started.status());
    listener = *std::move(started);
  }
  HttpServer::Options options = settings.http;
  options.log = [](std::string_view line) {
    LogError("HTTP: {}", std::string(line));
  };
  options.on_answered = [&requests](const AccessRecord& request) {
    requests.Log(request);
  };
  options.clients = std::make_shared<ClientAddressResolver>(
      settings.trusted_proxies, WarnOfUntrustedProxy);
  options.services = ServiceNames();
  options.api = DescribeApi(PINHOLE_VERSION);
  options.files = web::SiteFiles(settings.http_metrics);
  if (settings.http_metrics) options.metrics = page;
  auto server = HttpServer::Start(options, **upstream, metrics);
  if (!server.ok()) return Fail(server.status());

  std::vector<std::string> listeners = {"HTTP listening on " +
                                        (*server)->address()};
  if (listener != nullptr) {
    listeners.push_back("metrics listening on " + listener->address());
  }
  const auto post = [&server](std::function<void()> work) {
    (*server)->Post(std::move(work));
  };
  const auto watchdog = StartWatchdog(process.systemd(), {post});
  ServiceProcess::Announce(listeners);
  process.ReportReady();
  process.AwaitSignal([&] { LogReload((*server)->ReloadCertificate()); });
  (*server)->EndReadiness();
  absl::SleepFor(settings.drain.delay);
  (*server)->Drain(settings.drain.calls);
  return 0;
}

}  // namespace
}  // namespace pinhole::gateway

int main(int argc, char** argv) {
  using namespace pinhole::gateway;
  pinhole::ServiceProcess::DisableDeadlockDetection();
  const auto parsed = ParseSettings(argc, argv);
  if (const auto* exit = std::get_if<pinhole::ExitRequest>(&parsed)) {
    (exit->code == 0 ? std::cout : std::cerr) << exit->text;
    return exit->code;
  }
  return Serve(std::get<Settings>(parsed));
}
