// SPDX-License-Identifier: Apache-2.0

#include "base/errors.h"

#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "fmt/format.h"

namespace pinhole {
namespace {

constexpr std::string_view kField = "pinhole/field";
constexpr std::string_view kRule = "pinhole/rule";
constexpr std::string_view kReason = "pinhole/reason";
constexpr std::string_view kResource = "pinhole/resource";
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

absl::Status MakeError(Reason reason, std::string_view message) {
  return WithReason(
      absl::Status(InfoOf(reason).code,
                   absl::string_view(message.data(), message.size())),
      reason);
}

absl::Status InvalidField(std::string_view field, std::string_view rule,
                          Reason reason) {
  return With(
      With(MakeError(reason, fmt::format("{} {}", field, rule)), kField, field),
      kRule, rule);
}

absl::Status WithReason(absl::Status status, Reason reason) {
  return With(std::move(status), kReason, NameOf(reason));
}

absl::Status WithResource(absl::Status status, std::string_view name) {
  return With(std::move(status), kResource, name);
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

std::optional<Reason> ReasonOf(const absl::Status& status) {
  const auto name = Get(status, kReason);
  return name ? FindReason(*name) : std::nullopt;
}

std::optional<std::string> ResourceOf(const absl::Status& status) {
  return Get(status, kResource);
}

std::optional<absl::Duration> RetryDelayOf(const absl::Status& status) {
  const auto text = Get(status, kRetryMilliseconds);
  std::int64_t milliseconds = 0;
  if (!text || !absl::SimpleAtoi(*text, &milliseconds)) return std::nullopt;
  return absl::Milliseconds(milliseconds);
}

bool IsOverload(const absl::Status& status) {
  if (!absl::IsResourceExhausted(status) || !RetryDelayOf(status)) return false;
  switch (ReasonOf(status).value_or(Reason::kResourceExhausted)) {
    case Reason::kConcurrencyLimited:
    case Reason::kDiskFull:
    case Reason::kLoginThrottled:
    case Reason::kRateLimited:
    case Reason::kTooManyAccounts:
    case Reason::kTooManyUploads:
      return false;
    default:
      return true;
  }
}

}  // namespace pinhole
