// SPDX-License-Identifier: Apache-2.0

#include "client/lab/target.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_split.h"
#include "client/lab/grpc_transport.h"
#include "client/lab/http_transport.h"
#include "fmt/format.h"

namespace pinhole::lab {
namespace {

absl::Status Wrong(std::string_view part, std::string_view rule) {
  return absl::InvalidArgumentError(
      fmt::format("--target: '{}' {}; write grpc://HOST:PORT or "
                  "http://HOST:PORT",
                  part, rule));
}

// Whether `text` began with `prefix`, which is taken off.
bool TakePrefix(std::string& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.erase(0, prefix.size());
  return true;
}

}  // namespace

std::string Target::Text() const {
  const std::string scheme = dialect == Dialect::kGrpc ? "grpc://" : "http://";
  return scheme + fmt::format("{}", fmt::join(addresses, "," + scheme));
}

absl::StatusOr<Target> ParseTarget(const std::string& text) {
  Target target;
  for (const std::string& part :
       std::vector<std::string>(absl::StrSplit(text, ','))) {
    std::string address = part;
    Dialect dialect = Dialect::kGrpc;
    if (TakePrefix(address, "http://")) {
      dialect = Dialect::kHttp;
      if (address.ends_with('/')) address.pop_back();
    } else {
      TakePrefix(address, "grpc://");
    }
    if (address.find("://") != std::string::npos) {
      return Wrong(part, "has a scheme the lab does not speak");
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
    target.dialect = dialect;
    target.addresses.push_back(std::move(address));
  }
  return target;
}

std::unique_ptr<Transport> Connect(const Target& target,
                                   std::size_t connections) {
  connections = std::max(connections, target.addresses.size());
  if (target.dialect == Dialect::kGrpc) {
    return std::make_unique<GrpcTransport>(target.addresses, connections);
  }
  return std::make_unique<HttpTransport>(target.addresses, connections);
}

}  // namespace pinhole::lab
