// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/net/trusted_proxies.h"
#include "base/options/cli_command.h"
#include "gateway/http_server.h"
#include "gateway/upstream/call_headers.h"

namespace pinhole::gateway {

// The options of the HTTP listener that pinhole-gateway and pinhole-server have
// in common: all but its address.  Must outlive the parsing.
class HttpFlags {
 public:
  explicit HttpFlags(CliCommand app);

  // Call these after parsing.  Other fields of the options have their defaults.
  HttpServer::Options Resolve() const;
  TrustedProxies trusted_proxies() const;

 private:
  TlsFiles tls_;
  std::vector<std::string> cors_origins_;
  std::vector<std::string> ignored_parameters_;
  JsonNames json_names_ = JsonNames::kJson;
  HeaderPolicy headers_;
  std::vector<std::string> trusted_proxies_;
  std::size_t max_connections_ = Limits().connections;
  std::size_t max_connections_per_address_ = 0;
  std::uint64_t max_json_bytes_ = Limits().json_bytes;
  double idle_seconds_ = absl::ToDoubleSeconds(Limits().idle_time);
};

}  // namespace pinhole::gateway
