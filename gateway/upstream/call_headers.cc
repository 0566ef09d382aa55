// SPDX-License-Identifier: Apache-2.0

#include "gateway/upstream/call_headers.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "base/traceparent.h"
#include "fmt/format.h"
#include "gateway/http/http_error.h"

namespace pinhole::gateway {
namespace {

constexpr std::size_t kMaxTimeoutDigits = 8;

absl::string_view ForAbsl(std::string_view text) {
  return {text.data(), text.size()};
}

// gRPC aborts the process for metadata with other characters.
bool IsMetadataValue(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= 0x20 && c <= 0x7e; });
}

bool Contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool IsMetadataKey(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

// Headers of a connection, of gRPC, or of the gateway itself.
bool IsReserved(std::string_view name) {
  constexpr std::array<std::string_view, 26> kReserved = {
      "authorization",
      "connection",
      "content-encoding",
      "content-length",
      "content-type",
      "date",
      "expect",
      "host",
      "keep-alive",
      "proxy-connection",
      "proxy-authenticate",
      "proxy-authorization",
      "te",
      "trailer",
      "traceparent",
      "tracestate",
      "transfer-encoding",
      "upgrade",
      "user-agent",
      "www-authenticate",
      "x-content-type-options",
      "x-forwarded-for",
      "x-forwarded-host",
      "x-request-id",
      "accept-encoding",
      "range"};
  return name.substr(0, 5) == "grpc-" ||
         std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end();
}

bool IsBinary(std::string_view name) {
  return name.size() >= 4 && name.substr(name.size() - 4) == "-bin";
}

// A value can be a list, separated by commas.
std::optional<std::vector<std::string>> DecodeBinary(std::string_view text) {
  std::vector<std::string> values;
  for (absl::string_view one : absl::StrSplit(ForAbsl(text), ',')) {
    one = absl::StripAsciiWhitespace(one);
    const bool spaced = std::any_of(
        one.begin(), one.end(), [](char c) { return c == ' ' || c == '\t'; });
    std::string bytes;
    // absl ignores spaces, which are an error here.
    if (spaced || !absl::Base64Unescape(one, &bytes)) return std::nullopt;
    values.push_back(std::move(bytes));
  }
  return values;
}

void AddRequestHeader(const std::string& name, const std::string& value,
                      Metadata* metadata) {
  if (!IsBinary(name)) {
    if (IsMetadataValue(value)) metadata->emplace_back(name, value);
    return;
  }
  const auto values = DecodeBinary(value);
  if (!values) return;
  for (const std::string& bytes : *values) metadata->emplace_back(name, bytes);
}

// Headers that identify the caller or the trace are end-to-end: a client must
// not remove what a proxy has added by naming it in Connection, which some
// proxies pass on.
bool IsEndToEnd(std::string_view name) {
  constexpr std::array<std::string_view, 6> kNames = {
      "authorization", "traceparent", "tracestate",
      "baggage",       "b3",          "x-request-id"};
  return IsForwardingHeader(name) || absl::StartsWith(ForAbsl(name), "x-b3-") ||
         std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

// Returns the headers of this connection only (RFC 9110, section 7.6.1), in
// lower case.
std::vector<std::string> HopByHopHeaders(const RequestHead& head) {
  std::vector<std::string> names;
  for (const auto& [name, value] : head.headers) {
    if (name != "connection") continue;
    for (const absl::string_view one : absl::StrSplit(ForAbsl(value), ',')) {
      std::string named =
          absl::AsciiStrToLower(absl::StripAsciiWhitespace(one));
      if (!IsEndToEnd(named)) names.push_back(std::move(named));
    }
  }
  return names;
}

// Adds the client's trace, or a new one without tracestate.
void AddTrace(const RequestHead& head, CallHeaders* result) {
  std::string_view given;
  std::string state;
  int count = 0;
  for (const auto& [name, value] : head.headers) {
    if (name == "traceparent" && ++count == 1) given = value;
    if (name == "tracestate" && IsMetadataValue(value)) {
      state += (state.empty() ? "" : ",") + value;
    }
  }
  if (count != 1 || !IsMetadataValue(given) || !ParseTraceparent(given)) {
    result->traceparent = NewTraceparent();
    state.clear();
  } else {
    result->traceparent = given;
  }
  result->metadata.emplace_back("traceparent", result->traceparent);
  if (!state.empty()) {
    result->metadata.emplace_back("tracestate", std::move(state));
  }
}

}  // namespace

std::optional<absl::Duration> ParseGrpcTimeout(std::string_view text) {
  if (text.size() < 2 || text.size() > kMaxTimeoutDigits + 1) {
    return std::nullopt;
  }
  const std::string_view digits = text.substr(0, text.size() - 1);
  std::int64_t number = 0;
  if (!std::all_of(digits.begin(), digits.end(),
                   [](char c) { return c >= '0' && c <= '9'; }) ||
      !absl::SimpleAtoi(ForAbsl(digits), &number)) {
    return std::nullopt;
  }
  switch (text.back()) {
    case 'H':
      return absl::Hours(number);
    case 'M':
      return absl::Minutes(number);
    case 'S':
      return absl::Seconds(number);
    case 'm':
      return absl::Milliseconds(number);
    case 'u':
      return absl::Microseconds(number);
    case 'n':
      return absl::Nanoseconds(number);
    default:
      return std::nullopt;
  }
}

absl::Status CheckHeaderPolicy(const HeaderPolicy& policy) {
  for (const auto* names : {&policy.requests, &policy.answers}) {
    for (const std::string& name : *names) {
      if (!IsMetadataKey(name)) {
        return absl::InvalidArgumentError(
            fmt::format("header \"{}\" must consist of lower-case letters, "
                        "digits, -, _ and .",
                        name));
      }
      if (IsReserved(name)) {
        return absl::InvalidArgumentError(
            fmt::format("header \"{}\" cannot be passed on: it belongs to the "
                        "connection, to gRPC or to the gateway",
                        name));
      }
    }
  }
  return absl::OkStatus();
}

absl::Status CheckCallHeaders(const RequestHead& head,
                              const HeaderPolicy& policy) {
  for (const auto& [name, value] : head.headers) {
    const bool passes =
        name == "authorization" || Contains(policy.requests, name);
    if (!passes) continue;
    if (IsBinary(name)) {
      if (!DecodeBinary(value)) return InvalidField(name, "must be base64");
    } else if (!IsMetadataValue(value)) {
      return InvalidField(name, "must be printable ASCII");
    }
  }
  return absl::OkStatus();
}

CallHeaders MakeCallHeaders(const RequestHead& head, std::string request_id,
                            const ClientAddress& client,
                            const std::string& peer,
                            const HeaderPolicy& policy) {
  CallHeaders result;
  std::string_view forwarded_host = head.Header("x-forwarded-host");
  const std::vector<std::string> hop_by_hop = HopByHopHeaders(head);
  for (const auto& [name, value] : head.headers) {
    if (Contains(hop_by_hop, name)) continue;
    if (name == "authorization" || Contains(policy.requests, name)) {
      AddRequestHeader(name, value, &result.metadata);
    }
  }
  AddTrace(head, &result);
  if (forwarded_host.empty()) forwarded_host = head.Header("host");
  if (!forwarded_host.empty() && IsMetadataValue(forwarded_host)) {
    result.metadata.emplace_back("x-forwarded-host", forwarded_host);
  }
  result.metadata.emplace_back("x-forwarded-for", client.Text());
  result.metadata.emplace_back("x-request-id", request_id);
  result.request_id = std::move(request_id);
  result.client = client;
  result.peer = peer;
  return result;
}

HeaderList ResponseHeaders(const Metadata& metadata,
                           const HeaderPolicy& policy) {
  HeaderList headers;
  for (const auto& [key, value] : metadata) {
    if (!Contains(policy.answers, key)) continue;
    headers.emplace_back(
        key, IsBinary(key) ? absl::Base64Escape(value) : std::string(value));
  }
  return headers;
}

}  // namespace pinhole::gateway
