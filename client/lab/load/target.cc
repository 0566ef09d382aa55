// SPDX-License-Identifier: Apache-2.0

#include "client/lab/load/target.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_split.h"
#include "client/lab/load/grpc_transport.h"
#include "client/lab/load/http_transport.h"
#include "fmt/format.h"

namespace pinhole::lab {
namespace {

absl::Status Wrong(std::string_view part, std::string_view rule) {
  return absl::InvalidArgumentError(
      fmt::format("--target: '{}' {}; write grpc://HOST:PORT, "
                  "grpcs://HOST:PORT or http://HOST:PORT",
                  part, rule));
}

// Removes `prefix` from the front of `text`; returns whether it was there.
bool TakePrefix(std::string& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.erase(0, prefix.size());
  return true;
}

}  // namespace

std::string Target::Text() const {
  std::vector<std::string> urls;
  for (const std::string& address : addresses) urls.push_back(Url(address));
  return fmt::format("{}", fmt::join(urls, ","));
}

std::string Target::Url(const std::string& address) const {
  if (dialect == Dialect::kHttp) return "http://" + address;
  return (secure ? "grpcs://" : "grpc://") + address;
}

absl::Status Target::CheckTls() const {
  if (!secure) return absl::OkStatus();
  return client::Connection(Url(addresses.front()), {.tls = tls}).usable();
}

absl::StatusOr<Target> ParseTarget(const std::string& text) {
  Target target;
  for (const std::string& part :
       std::vector<std::string>(absl::StrSplit(text, ','))) {
    std::string address = part;
    Dialect dialect = Dialect::kGrpc;
    const bool secure = TakePrefix(address, "grpcs://");
    if (TakePrefix(address, "http://")) {
      dialect = Dialect::kHttp;
      if (address.ends_with('/')) address.pop_back();
    } else {
      TakePrefix(address, "grpc://");
    }
    if (address.find("://") != std::string::npos) {
      return Wrong(part, "has an unknown scheme");
    }
    if (address.find('/') != std::string::npos &&
        !address.starts_with("unix:")) {
      return Wrong(part, "has a path");
    }
    if (address.find(':') == std::string::npos) {
      return Wrong(part, "has no port");
    }
    if (!target.addresses.empty() && target.dialect != dialect) {
      return Wrong(text, "mixes gRPC and HTTP");
    }
    if (!target.addresses.empty() && target.secure != secure) {
      return Wrong(text, "mixes gRPC with and without TLS");
    }
    target.dialect = dialect;
    target.secure = secure;
    target.addresses.push_back(std::move(address));
  }
  return target;
}

std::unique_ptr<Transport> Connect(const Target& target,
                                   std::size_t connections) {
  connections = std::max(connections, target.addresses.size());
  if (target.dialect == Dialect::kGrpc) {
    std::vector<std::string> urls;
    for (const std::string& address : target.addresses) {
      urls.push_back(target.Url(address));
    }
    return std::make_unique<GrpcTransport>(urls, connections, target.tls);
  }
  return std::make_unique<HttpTransport>(target.addresses, connections);
}

}  // namespace pinhole::lab
