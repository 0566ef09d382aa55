// SPDX-License-Identifier: Apache-2.0

// pinhole-gateway: the JSON door in front of one or many gRPC servers.

#include <iostream>
#include <memory>
#include <string>
#include <string_view>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "base/log/log.h"
#include "base/log/logging.h"
#include "base/log/proxy_warning.h"
#include "base/log/refusal_summary.h"
#include "base/metrics/process_collector.h"
#include "base/process/file_limit.h"
#include "base/process/heartbeat.h"
#include "base/process/sd_notify.h"
#include "base/process/signals.h"
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
  std::cerr << "pinhole-gateway: " << status.message() << '\n';
  return absl::IsInvalidArgument(status) ? 2 : 1;
}

// Tells systemd that this process is alive for as long as the HTTP thread is.
std::unique_ptr<Heartbeat> StartHeartbeat(HttpServer& server,
                                          const SdNotify& systemd) {
  if (systemd.watchdog() == absl::InfiniteDuration()) return nullptr;
  const auto post = [&server](std::function<void()> work) {
    server.Post(std::move(work));
  };
  // Three in the time that is given, so that one may be late.
  return std::make_unique<Heartbeat>(std::vector<Heartbeat::Post>{post},
                                     systemd.watchdog() / 3,
                                     [systemd] { systemd.Send("WATCHDOG=1"); });
}

int Serve(const Settings& settings) {
  if (const absl::Status good = CheckSettings(settings); !good.ok()) {
    return Fail(good);
  }
  const Signals signals(settings.http.tls.has_value());
  const std::shared_ptr<LogSink> log = StartLogging(settings.log);
  RefusalSummary refusals(log);
  const RequestLog requests(log, settings.log.slow, refusals);
  RaiseFileLimit();
  const auto registry = std::make_shared<prometheus::Registry>();
  const auto process = std::make_shared<ProcessCollector>();
  Metrics metrics(*registry);
  const auto page = [registry, process] {
    return MetricsText({registry, process});
  };
  RemoteUpstreamOptions remote = settings.upstream;
  remote.sign_in = AskWhoCalls();
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
  options.services = Services();
  options.api = Describe();
  options.files = web::SiteFiles(settings.http_metrics);
  if (settings.http_metrics) options.metrics = page;
  auto server = HttpServer::Start(options, **upstream, metrics);
  if (!server.ok()) return Fail(server.status());

  std::cout << "HTTP listening on " << (*server)->address() << '\n';
  if (listener != nullptr) {
    std::cout << "metrics listening on " << listener->address() << '\n';
  }
  std::cout << "ready" << std::endl;
  const auto systemd = SdNotify::FromEnvironment();
  const auto heartbeat = StartHeartbeat(**server, systemd);
  systemd.Send("READY=1\nSTATUS=serving");
  signals.AwaitEnd([&] {
    const absl::Status reloaded = (*server)->ReloadCertificate();
    if (reloaded.ok()) {
      LogInfo("the certificate was read again");
    } else {
      LogError("the certificate stays: {}", std::string(reloaded.message()));
    }
  });
  signals.EndAtOnceOnNext();
  systemd.Send("STOPPING=1\nSTATUS=finishing requests");
  LogInfo("shutting down; a second signal ends at once");
  (*server)->EndReadiness();
  absl::SleepFor(settings.drain.delay);
  (*server)->Drain(settings.drain.calls);
  return 0;
}

}  // namespace
}  // namespace pinhole::gateway

int main(int argc, char** argv) {
  using namespace pinhole::gateway;
#ifdef NDEBUG
  // Debian builds abseil with its search for deadlocks on, which is dear.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
#endif
  const auto parsed = ParseSettings(argc, argv);
  if (const auto* exit = std::get_if<pinhole::ExitRequest>(&parsed)) {
    (exit->code == 0 ? std::cout : std::cerr) << exit->text;
    return exit->code;
  }
  return Serve(std::get<Settings>(parsed));
}
