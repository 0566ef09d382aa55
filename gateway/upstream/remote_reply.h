// SPDX-License-Identifier: Apache-2.0

// What gRPC brings back, as the gateway has it.

#ifndef PINHOLE_GATEWAY_UPSTREAM_REMOTE_REPLY_H_
#define PINHOLE_GATEWAY_UPSTREAM_REMOTE_REPLY_H_

#include <memory>

#include "gateway/upstream/upstream.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/status.h"

namespace pinhole::gateway {

grpc::ByteBuffer Serialize(const google::protobuf::Message& message);
// The same bytes.  Those of a message that is one long field of bytes, like the
// pieces of an upload, are not copied but kept where they are until gRPC has
// sent them.
grpc::ByteBuffer SerializePiece(
    std::unique_ptr<google::protobuf::Message> message);

// Null if the bytes are not a message of the type.
std::unique_ptr<google::protobuf::Message> ParseMessage(
    const google::protobuf::Descriptor& type, grpc::ByteBuffer& bytes);

// Whole if the server sent details.  Without them the text stays only with
// codes that say what the caller may change: with the others it may be gRPC's
// own, or a fault's, which names addresses and files.
google::rpc::Status ToProto(const grpc::Status& status);

// After the initial metadata has come.
void AddInitialMetadata(const grpc::ClientContext& context, Metadata* metadata);
// After the end.
void AddTrailingMetadata(const grpc::ClientContext& context,
                         Metadata* metadata);

// For an answer that is not a message of the type.
UpstreamReply Unreadable();

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_UPSTREAM_REMOTE_REPLY_H_
