// SPDX-License-Identifier: Apache-2.0

// Errors as HTTP answers: always a google.rpc.Status in JSON, whether the
// upstream or the gateway itself refuses.  The one file that picks HTTP codes.

#ifndef PINHOLE_GATEWAY_HTTP_HTTP_ERROR_H_
#define PINHOLE_GATEWAY_HTTP_HTTP_ERROR_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/errors.h"
#include "google/rpc/status.pb.h"

namespace pinhole::gateway {

// What the gateway refuses for reasons of HTTP, for which gRPC has no code.
enum class Refusal {
  kNone,  // The status says it all.
  kMethodNotAllowed,
  kTimeout,  // The client took too long to send.
  kBodyTooLarge,
  kTargetTooLong,
  kHeaderTooLarge,
  kMediaType,
  kExpectation,
  kNotAcceptable,
  kPrecondition,  // Of an If-Match.
  kRange,         // Nothing there of what a Range asks for.
};

// Converts `status` with its field and rule (base/errors.h), which become a
// google.rpc.BadRequest.
google::rpc::Status ToProto(const absl::Status& status);

// Adds a google.rpc.RequestInfo, by which the operator finds the request in the
// log, if there is none.
void AddRequestInfo(std::string_view request_id, google::rpc::Status* status);

// The HTTP status code of an error with a code of google.rpc.Code; 500 for a
// code that does not exist.
int HttpCode(int code, Refusal refusal = Refusal::kNone);

struct HttpError {
  int code = 500;
  std::string body;  // JSON.
  // WWW-Authenticate and Retry-After where they belong.
  std::vector<std::pair<std::string, std::string>> headers;
};

HttpError MakeHttpError(const google::rpc::Status& status,
                        Refusal refusal = Refusal::kNone);

// The same status as a JSON text on one line.  A detail of a type that is not
// linked in keeps its `@type` and has its bytes in base64 as `value`.
std::string StatusToJson(const google::rpc::Status& status);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_HTTP_HTTP_ERROR_H_
