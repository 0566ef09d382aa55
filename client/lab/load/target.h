// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/lab/load/transport.h"
#include "pinhole/connection.h"

namespace pinhole::lab {

// The servers that get the load, in turn.
struct Target {
  Dialect dialect = Dialect::kGrpc;
  std::vector<std::string> addresses;  // HOST:PORT
  bool secure = false;                 // gRPC over TLS with `tls`.
  client::TlsFiles tls = {};
  // The command that fills these servers, for hints.
  std::string seed_command = "pinhole seed";

  std::string Text() const;

  // `address` with its scheme, as the client library accepts it.
  std::string Url(const std::string& address) const;

  // Errors: INVALID_ARGUMENT if a file of `tls` cannot be read.
  absl::Status CheckTls() const;
};

// Parses grpc://HOST:PORT, grpcs://HOST:PORT (TLS) or http://HOST:PORT, or
// several of one kind separated by commas.  Without a scheme it is gRPC.
// Errors: INVALID_ARGUMENT (names the part and the rule).
absl::StatusOr<Target> ParseTarget(const std::string& text);

std::unique_ptr<Transport> Connect(const Target& target,
                                   std::size_t connections);

}  // namespace pinhole::lab
