// SPDX-License-Identifier: Apache-2.0

#include "gateway/call_headers.h"

#include <algorithm>
#include <cstdint>
#include <random>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "fmt/format.h"

namespace pinhole::gateway {
namespace {

constexpr std::size_t kMaxRequestId = 64;
constexpr std::size_t kMaxTimeoutDigits = 8;

bool IsRequestIdCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' ||
         c == '_' || c == '-';
}

absl::string_view ForAbsl(std::string_view text) {
  return {text.data(), text.size()};
}

// gRPC ends the process over metadata with any other character.
bool IsMetadataValue(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= 0x20 && c <= 0x7e; });
}

absl::string_view StrongPart(absl::string_view etag) {
  absl::ConsumePrefix(&etag, "W/");
  return etag;
}

}  // namespace

std::string ChooseRequestId(std::string_view given) {
  if (!given.empty() && given.size() <= kMaxRequestId &&
      std::all_of(given.begin(), given.end(), IsRequestIdCharacter)) {
    return std::string(given);
  }
  // Only has to differ, so a seeded generator per thread is enough.
  thread_local std::mt19937_64 generator{
      (static_cast<std::uint64_t>(std::random_device{}()) << 32) ^
      std::random_device{}()};
  return fmt::format("{:016x}{:016x}", generator(), generator());
}

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

CallHeaders MakeCallHeaders(const RequestHead& head, std::string request_id,
                            const std::string& address,
                            const std::string& peer) {
  CallHeaders result;
  for (const char* name : {"authorization", "traceparent", "tracestate"}) {
    const std::string_view value = head.Header(name);
    if (value.empty() || !IsMetadataValue(value)) continue;
    result.metadata.emplace_back(name, value);
  }
  const std::string_view before = head.Header("x-forwarded-for");
  result.metadata.emplace_back("x-forwarded-for",
                               before.empty() || !IsMetadataValue(before)
                                   ? address
                                   : fmt::format("{}, {}", before, address));
  result.metadata.emplace_back("x-request-id", request_id);
  result.request_id = std::move(request_id);
  result.peer = peer;
  return result;
}

std::string MediaType(std::string_view content_type) {
  const absl::string_view type =
      ForAbsl(content_type.substr(0, content_type.find(';')));
  return absl::AsciiStrToLower(absl::StripAsciiWhitespace(type));
}

bool MatchesEtag(std::string_view if_none_match, std::string_view etag) {
  if (etag.empty()) return false;
  for (absl::string_view one : absl::StrSplit(ForAbsl(if_none_match), ',')) {
    one = absl::StripAsciiWhitespace(one);
    if (one == "*" || StrongPart(one) == StrongPart(ForAbsl(etag))) return true;
  }
  return false;
}

}  // namespace pinhole::gateway
