// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_RPC_ACCESS_LOG_H_
#define PINHOLE_SERVER_RPC_ACCESS_LOG_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/rpc/call.h"
#include "server/rpc/registry.h"

namespace pinhole::rpc {

// Logs one line about a call that has ended, never what its messages said; for
// a hidden error the full text too.  The logger escapes control characters.
void LogCall(const Method& method, const Call& call, const absl::Status& status,
             absl::Duration took);

}  // namespace pinhole::rpc

#endif  // PINHOLE_SERVER_RPC_ACCESS_LOG_H_
