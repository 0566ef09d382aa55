// SPDX-License-Identifier: Apache-2.0

// What a failed call tells beyond code and message.
//
//   const absl::Status status = client.Like("photos/1").status();
//   for (const auto& violation : DetailsOf(status).fields) ...

#ifndef PINHOLE_CLIENT_INCLUDE_PINHOLE_ERRORS_H_
#define PINHOLE_CLIENT_INCLUDE_PINHOLE_ERRORS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "grpcpp/support/status.h"

namespace pinhole::client {

// A rule that a field of the request breaks.
struct FieldViolation {
  std::string field;  // Its path, for example "photo.caption".
  std::string description;
};

struct ErrorDetails {
  std::vector<FieldViolation> fields;
  std::string reason;  // In upper snake case, empty if none was given.
  std::optional<absl::Duration> retry_delay;
};

// The details that came with `status`; empty if there were none.
ErrorDetails DetailsOf(const absl::Status& status);

// The answer to a call as a value.  Keeps the google.rpc.Status of the server
// for `DetailsOf`.
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace pinhole::client

#endif  // PINHOLE_CLIENT_INCLUDE_PINHOLE_ERRORS_H_
