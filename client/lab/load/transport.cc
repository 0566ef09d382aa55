// SPDX-License-Identifier: Apache-2.0

#include "client/lab/load/transport.h"

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"

namespace pinhole::lab {

Outcome FailureOf(const google::rpc::Status& status) {
  Outcome outcome;
  // Codes that do not exist are what gRPC says of them: UNKNOWN.
  outcome.code = status.code() > 0 && status.code() <= 16
                     ? static_cast<absl::StatusCode>(status.code())
                     : absl::StatusCode::kUnknown;
  outcome.failure = absl::StatusCodeToString(outcome.code);
  for (const google::protobuf::Any& detail : status.details()) {
    google::rpc::ErrorInfo info;
    if (detail.UnpackTo(&info) && !info.reason().empty() &&
        info.reason() != outcome.failure) {
      absl::StrAppend(&outcome.failure, " ", info.reason());
      break;
    }
  }
  return outcome;
}

}  // namespace pinhole::lab
