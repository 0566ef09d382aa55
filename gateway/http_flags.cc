// SPDX-License-Identifier: Apache-2.0

#include "gateway/http_flags.h"

#include "gateway/http/cors.h"

namespace pinhole::gateway {
namespace {

std::string CheckProxy(const std::string& text) {
  return std::string(TrustedProxies::Parse({text}).status().message());
}

}  // namespace

HttpFlags::HttpFlags(CliCommand app) {
  Option certificate =
      app.Add("--tls-certificate", tls_.certificate,
              "PEM file of the certificate and its chain: HTTP is then "
              "spoken in TLS. SIGHUP reads both files again")
          .ExistingFile();
  Option key =
      app.Add("--tls-key", tls_.key, "PEM file of the certificate's key")
          .ExistingFile();
  certificate.Needs(key);
  key.Needs(certificate);
  const auto check = [](const std::string& origin) {
    return std::string(CheckOrigin(origin).message());
  };
  app.Add("--cors-origin", cors_origins_,
          "Origin whose pages may call and read the API from a browser, "
          "or * for all; may be repeated")
      .CommaSeparated()
      .Check(check, "ORIGIN");
  app.Add("--forward-header", headers_.requests,
          "Request headers that become metadata: NAME[,NAME...]; the "
          "value of NAME-bin is base64")
      .CommaSeparated();
  app.Add("--return-header", headers_.answers,
          "Metadata of replies that becomes headers: NAME[,NAME...]")
      .CommaSeparated();
  app.Add("--http-ignore-parameters", ignored_parameters_,
          "Query parameters to leave out instead of refusing them: "
          "NAME[,NAME...]; utm_* stands for all that begin so")
      .CommaSeparated();
  app.Add("--trusted-proxy", trusted_proxies_,
          "Addresses or networks (10.0.0.0/8) of the proxies and "
          "gateways in front, separated by commas; unix for Unix "
          "sockets. Their X-Forwarded-For says who calls. Other proxies "
          "are not believed, even on this machine: their callers share "
          "the limits of one address")
      .CommaSeparated()
      .Check(CheckProxy, "ADDRESS[/BITS]");
  app.Add("--http-max-connections", max_connections_,
          "HTTP connections at a time; when there would be more, the one "
          "that has been idle longest is closed")
      .Range(1, 1'000'000)
      .ShowDefault();
  app.Add("--http-max-connections-per-address", max_connections_per_address_,
          "HTTP connections of one address (IPv6: one /64) at a time; "
          "loopback is not limited; 0 means a quarter of "
          "--http-max-connections. Set it higher for a proxy on another "
          "machine")
      .Range(0, 1'000'000)
      .ShowDefault();
  app.Add("--http-max-json-bytes", max_json_bytes_,
          "Largest JSON body, also when inflated; beyond it 413")
      .Range(1024, 256 * 1024 * 1024)
      .ShowDefault();
  app.Add("--http-idle-seconds", idle_seconds_,
          "How long a connection may wait for its next request; let it "
          "be more than a load balancer's in front")
      .Range(1.0, 86'400.0)
      .ShowDefault();
}

TrustedProxies HttpFlags::trusted_proxies() const {
  return TrustedProxies::Parse(trusted_proxies_).value();  // Checked.
}

HttpServer::Options HttpFlags::Resolve() const {
  HttpServer::Options options;
  if (!tls_.certificate.empty()) options.tls = tls_;
  options.answers.cors_origins = cors_origins_;
  options.answers.exposed_headers = headers_.answers;
  options.ignored_parameters = ignored_parameters_;
  options.headers = headers_;
  options.limits.connections = max_connections_;
  options.limits.connections_per_address = max_connections_per_address_;
  options.limits.json_bytes = max_json_bytes_;
  options.limits.idle_time = absl::Seconds(idle_seconds_);
  return options;
}

}  // namespace pinhole::gateway
