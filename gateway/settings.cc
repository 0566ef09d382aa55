// SPDX-License-Identifier: Apache-2.0

#include "gateway/settings.h"

#include <sstream>

#include "CLI/CLI.hpp"
#include "gateway/http_flags.h"
#include "gateway/metrics_flags.h"

namespace pinhole::gateway {

std::variant<Settings, ExitRequest> ParseSettings(int argc,
                                                  const char* const* argv) {
  Settings settings;
  std::string listen = "127.0.0.1:8080";
  double drain_seconds = absl::ToDoubleSeconds(settings.drain);
  CLI::App app("The JSON door of Pinhole, in front of one or more servers.",
               "pinhole-gateway");
  app.set_version_flag("--version", "pinhole-gateway " PINHOLE_VERSION);
  app.add_option("--backend", settings.backends,
                 "gRPC servers: HOST:PORT[,HOST:PORT...] or unix:PATH")
      ->envname("PINHOLE_BACKEND")
      ->required()
      ->delimiter(',');
  app.add_option("--channels", settings.upstream.channels,
                 "Connections to each backend, 1 to 64")
      ->envname("PINHOLE_CHANNELS")
      ->capture_default_str();
  app.add_option("--http-listen", listen, "HOST:PORT of the API")
      ->envname("PINHOLE_HTTP_LISTEN")
      ->capture_default_str();
  app.add_option("--metrics-listen", settings.metrics_listen,
                 "HOST:PORT of /metrics, or off")
      ->envname("PINHOLE_METRICS_LISTEN")
      ->capture_default_str();
  HttpFlags http(app);
  MetricsFlags metrics(app);
  app.add_option("--drain-seconds", drain_seconds,
                 "How long a shutdown waits for requests under way")
      ->envname("PINHOLE_DRAIN_SECONDS")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out, err;
    const int code = app.exit(error, out, err);
    return ExitRequest{.code = code == 0 ? 0 : 2,
                       .text = out.str() + err.str()};
  }
  settings.http = http.Resolve();
  settings.http.listen = listen;
  settings.http_metrics = metrics.OnHttp(listen);
  settings.drain = absl::Seconds(drain_seconds);
  if (settings.metrics_listen == "off") return settings;
  const absl::Status allowed = metrics.Check(settings.metrics_listen);
  if (!allowed.ok()) {
    return ExitRequest{.code = 2,
                       .text = std::string(allowed.message()) + "\n"};
  }
  return settings;
}

}  // namespace pinhole::gateway
