// SPDX-License-Identifier: Apache-2.0

#include "client/lab/load/caller.h"

#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "pinhole/v1/photo_service.pb.h"

namespace pinhole::lab {

absl::StatusOr<Outcome> Caller::Do(Request call) {
  const std::string method = call.method.substr(0, call.method.find('?'));
  if (call.authorization.empty()) call.authorization = authorization_;
  std::optional<Outcome> outcome;
  transport_.Start(0, std::move(call), timeout_,
                   [&](Outcome answer) { outcome = std::move(answer); });
  while (!outcome) transport_.Poll(absl::Now() + timeout_);
  if (outcome->ok()) return *std::move(outcome);
  return absl::Status(outcome->code,
                      fmt::format("{}: {}", method, outcome->failure));
}

absl::StatusOr<std::string> Caller::Download(Request call) {
  std::string bytes;
  call.on_message = [&](const std::string& message) {
    v1::DownloadPhotoResponse part;
    if (part.ParseFromString(message)) bytes += part.chunk();
  };
  auto outcome = Do(std::move(call));
  if (!outcome.ok()) return outcome.status();
  return dialect_ == Dialect::kGrpc ? bytes : std::move(outcome->body);
}

}  // namespace pinhole::lab
