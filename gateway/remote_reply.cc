// SPDX-License-Identifier: Apache-2.0

#include "gateway/remote_reply.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "gateway/http_error.h"

namespace pinhole::gateway {
namespace {

using google::protobuf::Message;

// Null for a code whose own text is safe.
const char* SafeText(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::CANCELLED:
      return "the call was cancelled";
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return "the call took too long";
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return "the message is too large, or the server has too much to do; try "
             "again later";
    case grpc::StatusCode::UNIMPLEMENTED:
      return "the server does not have this method";
    case grpc::StatusCode::UNAVAILABLE:
      return "the server cannot be reached; try again";
    case grpc::StatusCode::UNKNOWN:
    case grpc::StatusCode::INTERNAL:
    case grpc::StatusCode::DATA_LOSS:
      return "something went wrong in the server";
    default:
      return nullptr;
  }
}

void Add(const std::multimap<grpc::string_ref, grpc::string_ref>& from,
         Metadata* to) {
  for (const auto& [key, value] : from) {
    if (key.starts_with("grpc-")) continue;
    to->emplace_back(std::string(key.data(), key.size()),
                     std::string(value.data(), value.size()));
  }
}

}  // namespace

grpc::ByteBuffer Serialize(const Message& message) {
  grpc::Slice slice(message.ByteSizeLong());
  // The slice was just made, so its bytes are nobody else's.
  message.SerializeWithCachedSizesToArray(
      const_cast<std::uint8_t*>(slice.begin()));
  return grpc::ByteBuffer(&slice, 1);
}

std::unique_ptr<Message> ParseMessage(const google::protobuf::Descriptor& type,
                                      grpc::ByteBuffer& bytes) {
  std::unique_ptr<Message> message(
      google::protobuf::MessageFactory::generated_factory()
          ->GetPrototype(&type)
          ->New());
  grpc::Slice slice;
  if (!bytes.DumpToSingleSlice(&slice).ok() ||
      !message->ParseFromArray(slice.begin(), static_cast<int>(slice.size()))) {
    return nullptr;
  }
  return message;
}

google::rpc::Status ToProto(const grpc::Status& status) {
  google::rpc::Status proto;
  // Details carry the whole google.rpc.Status, if they are one of the same
  // code.
  if (!status.error_details().empty() &&
      proto.ParseFromString(status.error_details()) &&
      proto.code() == status.error_code()) {
    return proto;
  }
  proto.Clear();
  proto.set_code(status.error_code());
  const char* safe = SafeText(status.error_code());
  proto.set_message(safe != nullptr ? safe : status.error_message());
  return proto;
}

void AddInitialMetadata(const grpc::ClientContext& context,
                        Metadata* metadata) {
  Add(context.GetServerInitialMetadata(), metadata);
}

void AddTrailingMetadata(const grpc::ClientContext& context,
                         Metadata* metadata) {
  Add(context.GetServerTrailingMetadata(), metadata);
}

UpstreamReply Unreadable() {
  UpstreamReply reply;
  reply.status =
      ToProto(absl::InternalError("the server's answer cannot be read"));
  return reply;
}

}  // namespace pinhole::gateway
