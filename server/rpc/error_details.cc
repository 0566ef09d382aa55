// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/error_details.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/errors.h"
#include "fmt/format.h"
#include "google/protobuf/duration.pb.h"
#include "google/rpc/error_details.pb.h"

namespace pinhole::rpc {
namespace {

// The text and the details must fit in 8 KiB, which clients accept as metadata.
constexpr std::size_t kMaxTextBytes = 1024;

std::string Shortened(std::string_view text) {
  if (text.size() <= kMaxTextBytes) return std::string(text);
  std::size_t end = kMaxTextBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) {
    --end;  // Not inside a character.
  }
  return std::string(text.substr(0, end));
}

void AddRetry(absl::Duration delay, google::rpc::Status& out, Call& call) {
  delay = std::max(delay, absl::ZeroDuration());
  google::rpc::RetryInfo retry;
  const std::int64_t seconds = absl::ToInt64Seconds(delay);
  retry.mutable_retry_delay()->set_seconds(seconds);
  retry.mutable_retry_delay()->set_nanos(static_cast<std::int32_t>(
      absl::ToInt64Nanoseconds(delay - absl::Seconds(seconds))));
  out.add_details()->PackFrom(retry);
  call.trailers.emplace_back("grpc-retry-pushback-ms",
                             fmt::to_string(absl::ToInt64Milliseconds(delay)));
}

void AddErrorInfo(const absl::Status& status, google::rpc::Status& out) {
  google::rpc::ErrorInfo info;
  const Reason reason = ReasonOf(status).value_or(DefaultReason(status.code()));
  info.set_reason(std::string(NameOf(reason)));
  info.set_domain(std::string(kErrorDomain));
  if (const auto resource = ResourceOf(status)) {
    info.mutable_metadata()->insert({"resource", *resource});
  }
  out.add_details()->PackFrom(info);
}

void AddDetails(const absl::Status& status, google::rpc::Status& out,
                Call& call) {
  if (const auto field = FieldOf(status)) {
    google::rpc::BadRequest bad;
    auto* violation = bad.add_field_violations();
    violation->set_field(*field);
    violation->set_description(out.message());
    out.add_details()->PackFrom(bad);
  }
  AddErrorInfo(status, out);
  if (const auto delay = RetryDelayOf(status)) AddRetry(*delay, out, call);
}

}  // namespace

bool IsHidden(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal ||
         code == absl::StatusCode::kUnknown ||
         code == absl::StatusCode::kDataLoss;
}

google::rpc::Status ToClient(const absl::Status& status, Call& call) {
  google::rpc::Status out;
  out.set_code(static_cast<int>(status.code()));
  if (status.ok()) return out;
  if (IsHidden(status.code())) {
    out.set_message(
        fmt::format("something went wrong in the server; its log has the "
                    "details of request {}",
                    call.request_id));
    AddErrorInfo(status, out);
  } else {
    const absl::string_view text = status.message();
    out.set_message(Shortened({text.data(), text.size()}));
    AddDetails(status, out, call);
  }
  google::rpc::RequestInfo request;
  request.set_request_id(call.request_id);
  out.add_details()->PackFrom(request);
  return out;
}

}  // namespace pinhole::rpc
