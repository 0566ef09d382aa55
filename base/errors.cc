// SPDX-License-Identifier: Apache-2.0

#include "base/errors.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "fmt/format.h"

namespace pinhole {
namespace {

constexpr std::string_view kField = "pinhole/field";
constexpr std::string_view kRule = "pinhole/rule";
constexpr std::string_view kReason = "pinhole/reason";
constexpr std::string_view kRetryMilliseconds = "pinhole/retry_ms";

absl::Status With(absl::Status status, std::string_view key,
                  std::string_view value) {
  status.SetPayload({key.data(), key.size()},
                    absl::Cord(absl::string_view(value.data(), value.size())));
  return status;
}

std::optional<std::string> Get(const absl::Status& status,
                               std::string_view key) {
  const auto payload = status.GetPayload({key.data(), key.size()});
  if (!payload) return std::nullopt;
  return std::string(*payload);
}

}  // namespace

absl::Status InvalidField(std::string_view field, std::string_view rule) {
  return With(
      With(absl::InvalidArgumentError(fmt::format("{} {}", field, rule)),
           kField, field),
      kRule, rule);
}

absl::Status WithReason(absl::Status status, std::string_view reason) {
  return With(std::move(status), kReason, reason);
}

absl::Status WithRetryDelay(absl::Status status, absl::Duration delay) {
  return With(std::move(status), kRetryMilliseconds,
              std::to_string(absl::ToInt64Milliseconds(delay)));
}

std::optional<std::string> FieldOf(const absl::Status& status) {
  return Get(status, kField);
}

std::optional<std::string> RuleOf(const absl::Status& status) {
  return Get(status, kRule);
}

std::optional<std::string> ReasonOf(const absl::Status& status) {
  return Get(status, kReason);
}

std::optional<absl::Duration> RetryDelayOf(const absl::Status& status) {
  const auto text = Get(status, kRetryMilliseconds);
  std::int64_t milliseconds = 0;
  if (!text || !absl::SimpleAtoi(*text, &milliseconds)) return std::nullopt;
  return absl::Milliseconds(milliseconds);
}

bool IsOverload(const absl::Status& status) {
  if (!absl::IsResourceExhausted(status) || !RetryDelayOf(status)) return false;
  constexpr const char* kNotOverload[] = {
      "CONCURRENCY_LIMITED", "DISK_FULL",         "LOGIN_THROTTLED",
      "RATE_LIMITED",        "TOO_MANY_ACCOUNTS", "TOO_MANY_UPLOADS"};
  const std::string reason = ReasonOf(status).value_or("");
  return std::find(std::begin(kNotOverload), std::end(kNotOverload), reason) ==
         std::end(kNotOverload);
}

}  // namespace pinhole
