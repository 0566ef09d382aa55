// SPDX-License-Identifier: Apache-2.0

// The details of a failed call.
//
//   const absl::Status status = client.Like("photos/1").status();
//   for (const auto& violation : DetailsOf(status).fields) ...

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "grpcpp/support/status.h"

namespace pinhole::client {

// An invalid field of the request.
struct FieldViolation {
  std::string field;  // Path of the field, for example "photo.caption".
  std::string description;
};

struct ErrorDetails {
  std::vector<FieldViolation> fields;
  std::string reason;  // In upper snake case; may be empty.
  std::optional<absl::Duration> retry_delay;
};

// Returns the details of `status`, or empty ones if there are none.
ErrorDetails DetailsOf(const absl::Status& status);

// Converts a gRPC status.  Keeps the google.rpc.Status of the server for
// `DetailsOf`.
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace pinhole::client
