// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_RPC_SERVICES_ACTOR_H_
#define PINHOLE_SERVER_RPC_SERVICES_ACTOR_H_

#include "server/domain/actor.h"
#include "server/rpc/call.h"

namespace pinhole::rpc {

// The caller as the domain sees them; nobody waits after the call's deadline.
inline domain::Actor ActorOf(const Call& call) {
  return {call.caller.user, call.deadline};
}

}  // namespace pinhole::rpc

#endif  // PINHOLE_SERVER_RPC_SERVICES_ACTOR_H_
