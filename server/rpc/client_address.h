// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_RPC_CLIENT_ADDRESS_H_
#define PINHOLE_SERVER_RPC_CLIENT_ADDRESS_H_

#include "base/net/client_address.h"

namespace pinhole::rpc {

// Found in one way for both doors, so the code is where the gateway has it,
// too.

}  // namespace pinhole::rpc

#endif  // PINHOLE_SERVER_RPC_CLIENT_ADDRESS_H_
