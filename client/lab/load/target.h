// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_LAB_LOAD_TARGET_H_
#define PINHOLE_CLIENT_LAB_LOAD_TARGET_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/lab/load/transport.h"
#include "pinhole/connection.h"

namespace pinhole::lab {

// Where the load goes: one server or several alike, in turn.
struct Target {
  Dialect dialect = Dialect::kGrpc;
  std::vector<std::string> addresses;  // HOST:PORT
  bool secure = false;                 // gRPC in TLS,
  client::TlsFiles tls = {};           // with these.

  std::string Text() const;

  // An address as the client library takes it, with its scheme.
  std::string Url(const std::string& address) const;

  // Errors: INVALID_ARGUMENT (a file of `tls` that cannot be read).
  absl::Status CheckTls() const;
};

// From grpc://HOST:PORT, grpcs://HOST:PORT (TLS) or http://HOST:PORT, several
// separated by commas; what has no scheme is gRPC.
// Errors: INVALID_ARGUMENT (names the part and the rule).
absl::StatusOr<Target> ParseTarget(const std::string& text);

std::unique_ptr<Transport> Connect(const Target& target,
                                   std::size_t connections);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_LOAD_TARGET_H_
