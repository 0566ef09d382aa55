// SPDX-License-Identifier: Apache-2.0

#include "pinhole/errors.h"

#include "absl/strings/cord.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace pinhole::client {
namespace {

constexpr char kPayload[] = "type.googleapis.com/google.rpc.Status";

void Add(const google::protobuf::Any& detail, ErrorDetails& details) {
  google::rpc::BadRequest bad_request;
  google::rpc::ErrorInfo info;
  google::rpc::RetryInfo retry;
  if (detail.UnpackTo(&bad_request)) {
    for (const auto& violation : bad_request.field_violations()) {
      details.fields.push_back({violation.field(), violation.description()});
    }
  } else if (detail.UnpackTo(&info)) {
    details.reason = info.reason();
  } else if (detail.UnpackTo(&retry)) {
    details.retry_delay = absl::Seconds(retry.retry_delay().seconds()) +
                          absl::Nanoseconds(retry.retry_delay().nanos());
  }
}

}  // namespace

ErrorDetails DetailsOf(const absl::Status& status) {
  ErrorDetails details;
  const auto payload = status.GetPayload(kPayload);
  google::rpc::Status wire;
  if (!payload || !wire.ParseFromString(std::string(*payload))) return details;
  for (const auto& detail : wire.details()) Add(detail, details);
  return details;
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()),
                      status.error_message());
  if (!status.error_details().empty()) {
    result.SetPayload(kPayload, absl::Cord(status.error_details()));
  }
  return result;
}

}  // namespace pinhole::client
