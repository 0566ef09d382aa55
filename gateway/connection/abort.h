// SPDX-License-Identifier: Apache-2.0

#pragma once

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
