// SPDX-License-Identifier: Apache-2.0

#include "gateway/openapi/openapi_errors.h"

#include <string_view>
#include <vector>

#include "base/error_reasons.h"
#include "fmt/format.h"
#include "gateway/http/http_error.h"
#include "google/rpc/code.pb.h"

namespace pinhole::gateway {
namespace {

struct Row {
  google::rpc::Code code;
  Refusal refusal;
  std::string_view meaning;
  std::string_view causes;
};

constexpr std::string_view kAbout =
    "Every error is a `google.rpc.Status` in JSON. `code` is the number of the "
    "gRPC code, and `message` says what was wrong. `details` has a reason for "
    "programs (`ErrorInfo`, of the domain `pinhole`), the id of the request in "
    "the log (`RequestInfo`) and, if they apply, the field that broke a rule "
    "(`BadRequest`) and the time to wait before a retry (`RetryInfo`).";

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

// The reasons of errors in `row`, as in "`A`, `B`".
std::string ReasonsOf(const Row& row) {
  const std::string http = std::to_string(HttpCode(row.code, row.refusal));
  std::vector<std::string> names;
  for (const ReasonInfo& info : AllReasons()) {
    if (static_cast<int>(info.code) != row.code) continue;
    const bool fits = info.http.empty()
                          ? row.refusal == Refusal::kNone
                          : info.http.find(http) != std::string_view::npos;
    if (fits) names.push_back(fmt::format("`{}`", info.name));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

std::string ReasonsTable() {
  std::string text =
      "| reason | code | HTTP | meaning | what to do "
      "|\n|---|---|---|---|---|\n";
  for (const ReasonInfo& info : AllReasons()) {
    const int code = static_cast<int>(info.code);
    const std::string http = info.http.empty() ? std::to_string(HttpCode(code))
                                               : std::string(info.http);
    text += fmt::format("| `{}` | `{}` | {} | {} | {} |\n", info.name,
                        google::rpc::Code_Name(code), http, info.meaning,
                        info.action);
  }
  return text;
}

std::string DescribeErrors() {
  std::string text = fmt::format(
      "{}\n\n| HTTP | gRPC | Meaning | Typical causes |\n|---|---|---|---|",
      kAbout);
  for (const Row& row : kRows) {
    text += fmt::format(
        "\n| {} | `{}` | {} | {}{}Reasons: {}. |",
        HttpCode(row.code, row.refusal), google::rpc::Code_Name(row.code),
        row.meaning, row.causes, row.causes.empty() ? "" : " ", ReasonsOf(row));
  }
  return fmt::format("{}\n\nThe reasons:\n\n{}", text, ReasonsTable());
}

}  // namespace pinhole::gateway
