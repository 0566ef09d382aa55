// SPDX-License-Identifier: Apache-2.0

#include "gateway/http_flags.h"

#include "gateway/http/cors.h"

namespace pinhole::gateway {
namespace {

std::string CheckProxy(const std::string& text) {
  return std::string(TrustedProxies::Parse({text}).status().message());
}

}  // namespace

HttpFlags::HttpFlags(CLI::App& app) {
  auto* const certificate =
      app.add_option("--tls-certificate", tls_.certificate,
                     "PEM file of the certificate and its chain: HTTP is then "
                     "spoken in TLS. SIGHUP reads both files again")
          ->envname("PINHOLE_TLS_CERTIFICATE")
          ->check(CLI::ExistingFile);
  auto* const key =
      app.add_option("--tls-key", tls_.key, "PEM file of the certificate's key")
          ->envname("PINHOLE_TLS_KEY")
          ->check(CLI::ExistingFile);
  certificate->needs(key);
  key->needs(certificate);
  const auto check = [](const std::string& origin) {
    return std::string(CheckOrigin(origin).message());
  };
  app.add_option("--cors-origin", cors_origins_,
                 "Origin whose pages may call and read the API from a browser, "
                 "or * for all; may be repeated")
      ->envname("PINHOLE_CORS_ORIGIN")
      ->delimiter(',')
      ->check(CLI::Validator(check, "ORIGIN"));
  app.add_option("--forward-header", headers_.requests,
                 "Request headers that become metadata: NAME[,NAME...]; the "
                 "value of NAME-bin is base64")
      ->envname("PINHOLE_FORWARD_HEADER")
      ->delimiter(',');
  app.add_option("--return-header", headers_.answers,
                 "Metadata of replies that becomes headers: NAME[,NAME...]")
      ->envname("PINHOLE_RETURN_HEADER")
      ->delimiter(',');
  app.add_option("--http-ignore-parameters", ignored_parameters_,
                 "Query parameters to leave out instead of refusing them: "
                 "NAME[,NAME...]; utm_* stands for all that begin so")
      ->envname("PINHOLE_HTTP_IGNORE_PARAMETERS")
      ->delimiter(',');
  app.add_option("--trusted-proxy", trusted_proxies_,
                 "Addresses or networks (10.0.0.0/8) of the proxies and "
                 "gateways in front, separated by commas; unix for Unix "
                 "sockets. Their X-Forwarded-For says who calls. Other proxies "
                 "are not believed, even on this machine: their callers share "
                 "the limits of one address")
      ->envname("PINHOLE_TRUSTED_PROXY")
      ->delimiter(',')
      ->check(CLI::Validator(CheckProxy, "ADDRESS[/BITS]"));
  app.add_option(
         "--http-max-connections", max_connections_,
         "HTTP connections at a time; when there would be more, the one "
         "that has been idle longest is closed")
      ->envname("PINHOLE_HTTP_MAX_CONNECTIONS")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--http-max-connections-per-address",
                 max_connections_per_address_,
                 "HTTP connections of one address (IPv6: one /64) at a time; "
                 "loopback is not limited; 0 means a quarter of "
                 "--http-max-connections. Set it higher for a proxy on another "
                 "machine")
      ->envname("PINHOLE_HTTP_MAX_CONNECTIONS_PER_ADDRESS")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  app.add_option("--http-max-json-bytes", max_json_bytes_,
                 "Largest JSON body, also when inflated; beyond it 413")
      ->envname("PINHOLE_HTTP_MAX_JSON_BYTES")
      ->check(CLI::Range(1024, 256 * 1024 * 1024))
      ->capture_default_str();
  app.add_option("--http-idle-seconds", idle_seconds_,
                 "How long a connection may wait for its next request; let it "
                 "be more than a load balancer's in front")
      ->envname("PINHOLE_HTTP_IDLE_SECONDS")
      ->check(CLI::Range(1.0, 86'400.0))
      ->capture_default_str();
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
