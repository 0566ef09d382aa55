// SPDX-License-Identifier: Apache-2.0

#include "gateway/settings.h"

#include <utility>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "gateway/address_validator.h"
#include "gateway/http_flags.h"
#include "gateway/metrics_flags.h"
#include "gateway/option_sources.h"

namespace pinhole::gateway {

std::variant<Settings, ExitRequest> ParseSettings(int argc,
                                                  const char* const* argv) {
  Settings settings;
  std::string listen = "127.0.0.1:8080";
  double drain_seconds = absl::ToDoubleSeconds(settings.drain);
  CLI::App app("The JSON door of Pinhole, in front of one or more servers.",
               "pinhole-gateway");
  app.set_version_flag("--version", "pinhole-gateway " PINHOLE_VERSION);
  OptionSources sources(app);
  app.add_option("--backend", settings.backends,
                 "gRPC servers: HOST:PORT[,HOST:PORT...] or unix:PATH")
      ->envname("PINHOLE_BACKEND")
      ->required()
      ->delimiter(',');
  app.add_option("--channels", settings.upstream.channels,
                 "Connections to each backend")
      ->envname("PINHOLE_CHANNELS")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--http-listen", listen, "HOST:PORT of the API")
      ->envname("PINHOLE_HTTP_LISTEN")
      ->check(HostPort())
      ->capture_default_str();
  app.add_option("--metrics-listen", settings.metrics_listen,
                 "HOST:PORT of /metrics, or off")
      ->envname("PINHOLE_METRICS_LISTEN")
      ->check(HostPortOrOff())
      ->capture_default_str();
  HttpFlags http(app);
  MetricsFlags metrics(app);
  app.add_option("--drain-seconds", drain_seconds,
                 "How long a shutdown waits for requests under way")
      ->envname("PINHOLE_DRAIN_SECONDS")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  if (auto exit = sources.Parse(argc, argv)) return *std::move(exit);
  settings.http = http.Resolve();
  settings.http.listen = listen;
  settings.http_metrics = metrics.OnHttp(listen);
  settings.drain = absl::Seconds(drain_seconds);
  if (settings.metrics_listen != "off") {
    const absl::Status allowed = metrics.Check(settings.metrics_listen);
    if (!allowed.ok()) return sources.Refuse(allowed);
  }
  const auto check = [&settings] { return HttpServer::Check(settings.http); };
  if (auto exit = sources.Answer(check)) return *std::move(exit);
  return settings;
}

}  // namespace pinhole::gateway
