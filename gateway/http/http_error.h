// SPDX-License-Identifier: Apache-2.0

// Errors as HTTP responses: always a google.rpc.Status in JSON.  The only file
// that chooses HTTP codes for errors.

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/errors.h"
#include "google/rpc/status.pb.h"

namespace pinhole::gateway {

// Errors of HTTP for which gRPC has no code.
enum class Refusal {
  kNone,  // Use the code of the status.
  kMethodNotAllowed,
  kTimeout,  // The client took too long to send the request.
  kBodyTooLarge,
  kTargetTooLong,
  kHeaderTooLarge,
  kMediaType,
  kExpectation,
  kNotAcceptable,
  kPrecondition,  // If-Match does not hold.
  kRange,         // No byte of the Range exists.
};

// Converts `status` with its field and rule, which become a
// google.rpc.BadRequest, and its reason (base/errors.h), which becomes a
// google.rpc.ErrorInfo.
google::rpc::Status ToProto(const absl::Status& status);

// Adds the details that every error has, unless they are there: a
// google.rpc.ErrorInfo with the default reason of the code, and a
// google.rpc.RequestInfo, which identifies the request in the log.
void AddCommonDetails(std::string_view request_id, google::rpc::Status* status);

// Returns the HTTP status for a google.rpc.Code; 500 for an unknown number.
int HttpCode(int code, Refusal refusal = Refusal::kNone);

struct HttpError {
  int code = 500;
  std::string body;  // JSON.
  // WWW-Authenticate and Retry-After, if they apply.
  std::vector<std::pair<std::string, std::string>> headers;
};

HttpError MakeHttpError(const google::rpc::Status& status,
                        Refusal refusal = Refusal::kNone);

// Returns JSON on one line.  Details are canonical ProtoJSON, without fields
// that have their default values.  A detail of an unknown type has its `@type`
// and, as `value`, its bytes in base64.
std::string StatusToJson(const google::rpc::Status& status);

}  // namespace pinhole::gateway
