// SPDX-License-Identifier: Apache-2.0

// Conversions between gRPC's types and the gateway's.

#pragma once

#include <memory>

#include "gateway/upstream/upstream.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/status.h"

namespace pinhole::gateway {

grpc::ByteBuffer Serialize(const google::protobuf::Message& message);
// As `Serialize`.  The bytes of a message that is one long bytes field, like a
// piece of an upload, are not copied; they are freed when gRPC has sent them.
grpc::ByteBuffer SerializePiece(
    std::unique_ptr<google::protobuf::Message> message);

// Returns null if the bytes are not a message of the type.
std::unique_ptr<google::protobuf::Message> ParseMessage(
    const google::protobuf::Descriptor& type, grpc::ByteBuffer& bytes);

// Keeps everything if the server sent details.  Without details the message is
// kept only for codes that tell callers what to change: with other codes it can
// come from gRPC or from a fault and contain addresses and file names.
google::rpc::Status ToProto(const grpc::Status& status);

// Call it after the initial metadata has arrived.
void AddInitialMetadata(const grpc::ClientContext& context, Metadata* metadata);
// Call it after the end of the call.
void AddTrailingMetadata(const grpc::ClientContext& context,
                         Metadata* metadata);

// The reply to a call whose response is not a message of the type.
UpstreamReply UnparsableReply();

}  // namespace pinhole::gateway
