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
              "PEM file of the certificate for HTTP, followed by its chain; "
              "enables TLS. Read again at SIGHUP")
          .ExistingFile();
  Option key =
      app.Add("--tls-key", tls_.key,
              "PEM file of the private key of --tls-certificate, without a "
              "passphrase. Read again at SIGHUP")
          .ExistingFile();
  certificate.Needs(key);
  key.Needs(certificate);
  const auto check = [](const std::string& origin) {
    return std::string(CheckOrigin(origin).message());
  };
  app.Add("--cors-origin", cors_origins_,
          "Origin whose web pages may use the API from a browser (CORS), for "
          "example https://app.example, or * for all; can be repeated")
      .CommaSeparated()
      .Check(check, "ORIGIN");
  app.Add("--forward-header", headers_.requests,
          "Request headers to pass on as gRPC metadata: NAME[,NAME...]; the "
          "value of a header whose name ends in -bin must be base64")
      .CommaSeparated();
  app.Add("--return-header", headers_.answers,
          "gRPC metadata of responses to pass on as headers: "
          "NAME[,NAME...]")
      .CommaSeparated();
  app.Add("--http-ignore-parameters", ignored_parameters_,
          "Unknown query parameters to ignore instead of rejecting the "
          "request: NAME[,NAME...]; utm_* matches every name that begins "
          "with utm_")
      .CommaSeparated();
  app.AddChoice<JsonNames>(
      "--json-names", json_names_,
      {{"json", JsonNames::kJson}, {"proto", JsonNames::kProto}},
      "Names of fields in JSON responses, /openapi.json and /docs: json for "
      "lowerCamelCase (createTime), proto for the names in the proto files "
      "(create_time). Requests can use both");
  app.Add("--trusted-proxy", trusted_proxies_,
          "Addresses or networks (10.0.0.0/8) of reverse proxies and "
          "gateways whose X-Forwarded-For gives the client's address, "
          "separated by commas; unix for Unix sockets. All clients of any "
          "other proxy, even on this machine, share the limits of one "
          "address")
      .CommaSeparated()
      .Check(CheckProxy, "ADDRESS[/BITS]");
  app.Add("--http-max-connections", max_connections_,
          "Maximum HTTP connections at a time; beyond it, the connection "
          "that has been idle longest is closed")
      .Range(1, 1'000'000)
      .ShowDefault();
  app.Add("--http-max-connections-per-address", max_connections_per_address_,
          "Maximum HTTP connections at a time from one address (IPv6: one "
          "/64); 0 means a quarter of --http-max-connections. Connections "
          "from loopback are not limited. Set it higher if a reverse proxy "
          "on another machine opens all connections")
      .Range(0, 1'000'000)
      .ShowDefault();
  app.Add("--http-max-json-bytes", max_json_bytes_,
          "Maximum size of a JSON body in bytes, also after decompression; a "
          "larger one is rejected with 413")
      .Range(1024, 256 * 1024 * 1024)
      .ShowDefault();
  app.Add("--http-idle-seconds", idle_seconds_,
          "Seconds after which an idle HTTP connection is closed; must be "
          "longer than the idle timeout of a load balancer in front")
      .Range(1.0, 86'400.0)
      .ShowDefault();
}

TrustedProxies HttpFlags::trusted_proxies() const {
  return TrustedProxies::Parse(trusted_proxies_).value();
}

HttpServer::Options HttpFlags::Resolve() const {
  HttpServer::Options options;
  if (!tls_.certificate.empty()) options.tls = tls_;
  options.answers.cors_origins = cors_origins_;
  options.answers.exposed_headers = headers_.answers;
  options.ignored_parameters = ignored_parameters_;
  options.json_names = json_names_;
  options.headers = headers_;
  options.limits.connections = max_connections_;
  options.limits.connections_per_address = max_connections_per_address_;
  options.limits.json_bytes = max_json_bytes_;
  options.limits.idle_time = absl::Seconds(idle_seconds_);
  return options;
}

}  // namespace pinhole::gateway
