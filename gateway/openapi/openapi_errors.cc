// SPDX-License-Identifier: Apache-2.0

#include "gateway/openapi/openapi_errors.h"

#include <string_view>

#include "fmt/format.h"
#include "gateway/http/http_error.h"

namespace pinhole::gateway {
namespace {

struct Row {
  google::rpc::Code code;
  Refusal refusal;  // kNone: the services return the code, too.
  std::string_view meaning;
  std::string_view causes;
};

constexpr std::string_view kAbout =
    "Every error is a `google.rpc.Status` in JSON. `code` is the number of the "
    "gRPC code, and `message` says what was wrong. `details` can have the "
    "field that broke a rule (`BadRequest`), a reason for programs "
    "(`ErrorInfo`), the time to wait before a retry (`RetryInfo`) and the id "
    "of the request in the log (`RequestInfo`).";

// By HTTP code.
constexpr Row kRows[] = {
    {google::rpc::INVALID_ARGUMENT, Refusal::kNone,
     "The request breaks a rule of the method.",
     "A field is missing or malformed; a query parameter is unknown; the body "
     "is not valid JSON."},
    {google::rpc::FAILED_PRECONDITION, Refusal::kNone,
     "The request is valid, but the current state does not permit it.", ""},
    {google::rpc::UNAUTHENTICATED, Refusal::kNone,
     "The method requires a signed-in caller.",
     "There is no token; the token is invalid; its session has ended."},
    {google::rpc::PERMISSION_DENIED, Refusal::kNone,
     "The caller is not allowed to do this.",
     "The resource belongs to another user; the method is for "
     "administrators."},
    {google::rpc::NOT_FOUND, Refusal::kNone,
     "The resource does not exist, or the caller may not see it.",
     "It was deleted; no method has this path."},
    {google::rpc::UNIMPLEMENTED, Refusal::kMethodNotAllowed,
     "The path does not take this HTTP method.",
     "See the header `Allow` of the response."},
    {google::rpc::INVALID_ARGUMENT, Refusal::kNotAcceptable,
     "`Accept` excludes every media type of a stream.", ""},
    {google::rpc::DEADLINE_EXCEEDED, Refusal::kTimeout,
     "The client took too long to send the request.", ""},
    {google::rpc::ALREADY_EXISTS, Refusal::kNone,
     "What the request creates exists already.", ""},
    {google::rpc::ABORTED, Refusal::kNone,
     "Another request changed the same data at the same time.",
     "Repeat the request."},
    {google::rpc::FAILED_PRECONDITION, Refusal::kPrecondition,
     "`If-Match` names another version of the bytes.", ""},
    {google::rpc::INVALID_ARGUMENT, Refusal::kBodyTooLarge,
     "The file to upload is too large.", ""},
    {google::rpc::RESOURCE_EXHAUSTED, Refusal::kBodyTooLarge,
     "The JSON body, or one of its lines, is too large.", ""},
    {google::rpc::INVALID_ARGUMENT, Refusal::kTargetTooLong,
     "The request line is too long.", ""},
    {google::rpc::INVALID_ARGUMENT, Refusal::kMediaType,
     "The method does not take a body of this media type or encoding.",
     "See the headers `Accept`, `Accept-Encoding` and `Accept-Patch` of the "
     "response."},
    {google::rpc::OUT_OF_RANGE, Refusal::kRange,
     "`Range` begins after the end of the file.", ""},
    {google::rpc::INVALID_ARGUMENT, Refusal::kExpectation,
     "`Expect` is not `100-continue`.", ""},
    {google::rpc::RESOURCE_EXHAUSTED, Refusal::kNone,
     "A limit has been reached. `Retry-After` says when to try again.", ""},
    {google::rpc::INVALID_ARGUMENT, Refusal::kHeaderTooLarge,
     "The headers are too large.", ""},
    {google::rpc::INTERNAL, Refusal::kNone, "A fault of the server.",
     "Report it with the id of the request."},
    {google::rpc::UNIMPLEMENTED, Refusal::kNone,
     "The server does not have this method.",
     "Gateway and server are of different versions."},
    {google::rpc::UNAVAILABLE, Refusal::kNone,
     "The server cannot be reached or is shutting down. Try again later.", ""},
    {google::rpc::DEADLINE_EXCEEDED, Refusal::kNone,
     "The call did not finish within its deadline.",
     "The value of `Grpc-Timeout` is too short; the server is overloaded."},
};

}  // namespace

std::string DescribeErrors(const ErrorCauses& causes) {
  std::string text = fmt::format(
      "{}\n\n| HTTP | gRPC | Meaning | Typical causes |\n|---|---|---|---|",
      kAbout);
  for (const Row& row : kRows) {
    std::string cause(row.causes);
    const auto more = causes.find(row.code);
    if (row.refusal == Refusal::kNone && more != causes.end()) {
      cause += (cause.empty() ? "" : " ") + more->second;
    }
    text += fmt::format("\n| {} | `{}` | {} | {} |",
                        HttpCode(row.code, row.refusal),
                        google::rpc::Code_Name(row.code), row.meaning, cause);
  }
  return text;
}

}  // namespace pinhole::gateway
