// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_LAB_TARGET_H_
#define PINHOLE_CLIENT_LAB_TARGET_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/lab/transport.h"

namespace pinhole::lab {

// Where the load goes: one server or several alike, in turn.
struct Target {
  Dialect dialect = Dialect::kGrpc;
  std::vector<std::string> addresses;  // HOST:PORT

  std::string Text() const;
};

// From grpc://HOST:PORT or http://HOST:PORT, several separated by commas; what
// has no scheme is gRPC.
// Errors: INVALID_ARGUMENT (names the part and the rule).
absl::StatusOr<Target> ParseTarget(const std::string& text);

std::unique_ptr<Transport> Connect(const Target& target,
                                   std::size_t connections);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_TARGET_H_
