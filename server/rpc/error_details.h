// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_RPC_ERROR_DETAILS_H_
#define PINHOLE_SERVER_RPC_ERROR_DETAILS_H_

#include <string_view>

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"
#include "server/rpc/call.h"

namespace pinhole::rpc {

// Whether `code` is a server's fault whose text stays inside.
bool IsHidden(absl::StatusCode code);

// What the client gets of `status`: the text (a fixed one if it is hidden, at
// most 1024 bytes), BadRequest, ErrorInfo and RetryInfo as server/base/errors.h
// attached them, and a RequestInfo.  Adds the trailers that go with it.
google::rpc::Status ToClient(const absl::Status& status, Call& call);

}  // namespace pinhole::rpc

#endif  // PINHOLE_SERVER_RPC_ERROR_DETAILS_H_
