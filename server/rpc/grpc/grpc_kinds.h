// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_RPC_GRPC_GRPC_KINDS_H_
#define PINHOLE_SERVER_RPC_GRPC_GRPC_KINDS_H_

#include "server/rpc/grpc/grpc_call.h"

namespace pinhole::rpc {

// A call of the kind of the method: unary, client-streaming, server-streaming.
// It deletes itself.
GrpcCall* MakeGrpcCall(Lane& lane, AsyncService& service, int index);

}  // namespace pinhole::rpc

#endif  // PINHOLE_SERVER_RPC_GRPC_GRPC_KINDS_H_
