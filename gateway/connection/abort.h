// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_CONNECTION_ABORT_H_
#define PINHOLE_GATEWAY_CONNECTION_ABORT_H_

#include <functional>

namespace pinhole::gateway {

// Why a call is aborted.  A later value replaces an earlier one.
enum class AbortReason {
  kDrain,  // The server drains; only endless streams end.
  kDeadline,
  kHangup,  // The client closed the connection.
  kCut,     // The server closes all connections.
};

using AbortCallback = std::function<void(AbortReason)>;

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_CONNECTION_ABORT_H_
