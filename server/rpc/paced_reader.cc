// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/paced_reader.h"

#include <string>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/errors.h"
#include "fmt/format.h"

namespace pinhole::rpc {
namespace {

absl::Status TooSlow(const BodyTimeout::Options& pace, bool begun) {
  const std::string rule =
      begun ? fmt::format(
                  "send at least {:g} bytes a second, with no pause "
                  "longer than {}",
                  pace.bytes_per_second, absl::FormatDuration(pace.pause))
            : fmt::format("start within {}", absl::FormatDuration(pace.first));
  return MakeError(Reason::kUploadTooSlow,
                   fmt::format("the upload is too slow: {}", rule));
}

}  // namespace

Task<absl::StatusOr<bool>> PacedReader::Read(
    google::protobuf::Message* message) {
  const absl::Time began = absl::Now();
  call_.message_due = began + pace_.left();
  absl::StatusOr<bool> more = co_await inner_.Read(message);
  call_.message_due = absl::InfiniteFuture();
  const absl::Duration waited = absl::Now() - began;
  if (absl::IsCancelled(more.status()) && waited >= pace_.left()) {
    co_return TooSlow(options_, pace_.begun());
  }
  if (more.ok() && *more) pace_.Received(message->ByteSizeLong(), waited);
  co_return more;
}

}  // namespace pinhole::rpc
