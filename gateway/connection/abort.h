// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_CONNECTION_ABORT_H_
#define PINHOLE_GATEWAY_CONNECTION_ABORT_H_

#include <functional>

namespace pinhole::gateway {

// Why a call is given up; a later one outweighs those before it.
enum class AbortReason {
  kDrain,  // The server stops; only endless streams mind.
  kDeadline,
  kHangup,  // The client went away.
  kCut,     // The server stops now.
};

using AbortCallback = std::function<void(AbortReason)>;

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_CONNECTION_ABORT_H_
