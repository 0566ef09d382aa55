// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"
#include "server/rpc/call.h"

namespace pinhole::rpc {

// Whether `code` is an internal error, whose text is not sent to clients.
bool IsHidden(absl::StatusCode code);

// Converts `status` for the client: the text (at most 1024 bytes; a fixed one
// if it is hidden), an ErrorInfo with the reason of `status` or the default of
// its code, a RequestInfo and, unless the text is hidden, BadRequest and
// RetryInfo as base/errors.h attached them.  Adds the corresponding trailers.
google::rpc::Status ToClient(const absl::Status& status, Call& call);

}  // namespace pinhole::rpc
