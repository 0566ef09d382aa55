// SPDX-License-Identifier: Apache-2.0

#include "gateway/settings.h"

#include <sstream>

#include "CLI/CLI.hpp"

namespace pinhole::gateway {

std::variant<Settings, ExitRequest> ParseSettings(int argc,
                                                  const char* const* argv) {
  Settings settings;
  CLI::App app("The JSON door of Pinhole, in front of one or more servers.",
               "pinhole-gateway");
  app.set_version_flag("--version", "pinhole-gateway " PINHOLE_VERSION);
  app.add_option("--backend", settings.backends,
                 "gRPC servers: HOST:PORT[,HOST:PORT...] or unix:PATH")
      ->required()
      ->delimiter(',');
  app.add_option("--channels", settings.upstream.channels,
                 "Connections to each backend, 1 to 64")
      ->capture_default_str();
  app.add_option("--forward-header", settings.headers.requests,
                 "Request headers that become metadata: NAME[,NAME...]; the "
                 "value of NAME-bin is base64")
      ->delimiter(',');
  app.add_option("--return-header", settings.headers.answers,
                 "Metadata of replies that becomes headers: NAME[,NAME...]")
      ->delimiter(',');
  app.add_option("--http-listen", settings.http_listen, "HOST:PORT of the API")
      ->capture_default_str();
  app.add_option("--metrics-listen", settings.metrics_listen,
                 "HOST:PORT of /metrics, or off")
      ->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out, err;
    const int code = app.exit(error, out, err);
    return ExitRequest{.code = code == 0 ? 0 : 2,
                       .text = out.str() + err.str()};
  }
  return settings;
}

}  // namespace pinhole::gateway
