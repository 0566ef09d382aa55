// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/paced_reader.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "fmt/format.h"
#include "server/base/errors.h"

namespace pinhole::rpc {
namespace {

absl::Status TooSlow(const PacedReader::Pace& pace, bool begun) {
  const std::string rule =
      begun ? fmt::format(
                  "send at least {:g} bytes a second, with no pause "
                  "longer than {}",
                  pace.bytes_per_second, absl::FormatDuration(pace.pause))
            : fmt::format("begin within {}", absl::FormatDuration(pace.first));
  return WithReason(absl::DeadlineExceededError(
                        fmt::format("the upload came too slowly: {}", rule)),
                    "UPLOAD_TOO_SLOW");
}

}  // namespace

Task<absl::StatusOr<bool>> PacedReader::Read(
    google::protobuf::Message* message) {
  const absl::Time began = absl::Now();
  call_.message_due = began + left_;
  absl::StatusOr<bool> more = co_await inner_.Read(message);
  call_.message_due = absl::InfiniteFuture();
  const absl::Duration waited = absl::Now() - began;
  if (absl::IsCancelled(more.status()) && waited >= left_) {
    co_return TooSlow(pace_, begun_);
  }
  if (!more.ok() || !*more) co_return more;
  if (!begun_) {
    begun_ = true;
    left_ = pace_.pause;
  } else {
    const auto bytes = static_cast<double>(message->ByteSizeLong());
    left_ = std::min(
        pace_.pause,
        left_ - waited + absl::Seconds(bytes / pace_.bytes_per_second));
  }
  co_return more;
}

}  // namespace pinhole::rpc
