// SPDX-License-Identifier: Apache-2.0

#include "gateway/settings.h"

#include <utility>

#include "absl/status/status.h"
#include "base/log/log_flags.h"
#include "base/options/address_validator.h"
#include "base/options/clear_text_flag.h"
#include "base/options/cli_command.h"
#include "base/options/drain_flags.h"
#include "base/options/metrics_flags.h"
#include "base/options/option_sources.h"
#include "gateway/connection/tls.h"
#include "gateway/http_flags.h"

namespace pinhole::gateway {
namespace {

void AddBackendTls(CliCommand app, BackendTlsFiles& tls) {
  app.Add("--backend-ca", tls.authorities,
          "PEM file of the certificate authorities that backends over TLS are "
          "checked against; the trust store of the system if not set. Read "
          "again when it changes")
      .ExistingFile();
  Option certificate =
      app.Add("--backend-certificate", tls.certificate,
              "PEM file of the client certificate for backends that require "
              "one. Read again when it changes")
          .ExistingFile();
  Option key =
      app.Add("--backend-key", tls.key,
              "PEM file of the private key of --backend-certificate. Read "
              "again when it changes")
          .ExistingFile();
  certificate.Needs(key);
  key.Needs(certificate);
}

}  // namespace

absl::Status CheckSettings(const Settings& settings) {
  const BackendTlsFiles& tls = settings.upstream.tls;
  if (!tls.authorities.empty()) {
    absl::Status status = CheckAuthorities(tls.authorities);
    if (!status.ok()) return status;
  }
  if (!tls.certificate.empty()) {
    const auto pair =
        Tls::Load({.certificate = tls.certificate, .key = tls.key});
    if (!pair.ok()) return pair.status();
  }
  return HttpServer::Check(settings.http);
}

std::variant<Settings, ExitRequest> ParseSettings(int argc,
                                                  const char* const* argv) {
  Settings settings;
  std::string listen = "127.0.0.1:8080";
  CommandLine app("pinhole-gateway",
                  "Serves the API of Pinhole as JSON over HTTP, in front of "
                  "one or more servers.",
                  "pinhole-gateway " PINHOLE_VERSION);
  OptionSources sources(app);
  app.Add("--backend", settings.backends,
          "gRPC servers to call, separated by commas: HOST:PORT, "
          "grpcs://HOST:PORT for TLS, or unix:PATH")
      .Required()
      .CommaSeparated();
  AddBackendTls(app, settings.upstream.tls);
  app.Add("--channels", settings.upstream.channels,
          "Connections for unary calls to each backend")
      .Range(1, 64)
      .ShowDefault();
  app.Add("--http-listen", listen,
          "Address for the API over HTTP; port 0 picks a free port")
      .Check(CheckHostPort, "HOST:PORT")
      .ShowDefault();
  app.Add("--metrics-listen", settings.metrics_listen,
          "Address for /metrics, or off")
      .Check(CheckHostPortOrOff, "HOST:PORT|off")
      .ShowDefault();
  HttpFlags http(app);
  const ClearTextFlag clear_text(app);
  MetricsFlags metrics(app);
  LogFlags log(app);
  DrainFlags drain(app);
  if (auto exit = sources.Parse(argc, argv)) return *std::move(exit);
  settings.http = http.Resolve();
  settings.trusted_proxies = http.trusted_proxies();
  settings.http.listen = listen;
  settings.http_metrics = metrics.OnHttp(listen);
  settings.http.metrics_for_loopback_only = metrics.ForLoopbackOnly();
  settings.log = log.Resolve();
  settings.drain = drain.Resolve();
  if (!settings.http.tls) {
    const absl::Status allowed =
        clear_text.Check("--http-listen", listen, "--tls-certificate");
    if (!allowed.ok()) return sources.Refuse(allowed);
  }
  if (settings.metrics_listen != "off") {
    const absl::Status allowed = metrics.Check(settings.metrics_listen);
    if (!allowed.ok()) return sources.Refuse(allowed);
  }
  const auto check = [&settings] { return CheckSettings(settings); };
  if (auto exit = sources.Answer(check)) return *std::move(exit);
  return settings;
}

}  // namespace pinhole::gateway
