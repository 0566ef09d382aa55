// SPDX-License-Identifier: Apache-2.0

#include "gateway/upstream/remote_reply.h"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/errors.h"
#include "gateway/http/http_error.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "grpcpp/impl/codegen/proto_utils.h"

namespace pinhole::gateway {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedOutputStream;

constexpr std::size_t kMaxVarintBytes = 10;
// Copying shorter messages is faster than keeping them.
constexpr std::size_t kLongBytes = 16 * 1024;

// Returns the field of a message that consists of one long bytes field, or
// null.
const FieldDescriptor* OnlyBytes(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  const auto* reflection = message.GetReflection();
  reflection->ListFields(message, &fields);
  if (fields.size() != 1 || fields[0]->type() != FieldDescriptor::TYPE_BYTES ||
      fields[0]->is_repeated() ||
      !reflection->GetUnknownFields(message).empty()) {
    return nullptr;
  }
  std::string scratch;
  const std::string& bytes =
      reflection->GetStringReference(message, fields[0], &scratch);
  return bytes.size() < kLongBytes ? nullptr : fields[0];
}

// Returns null for codes whose own message is safe to show.
const char* SafeText(grpc::StatusCode code) {
  switch (code) {
    // A server that shuts down cancels calls that arrive too late.
    case grpc::StatusCode::CANCELLED:
      return "the server ended the call; try again";
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
  // Nobody else refers to the bytes of a new slice.
  message.SerializeWithCachedSizesToArray(
      const_cast<std::uint8_t*>(slice.begin()));
  return grpc::ByteBuffer(&slice, 1);
}

grpc::ByteBuffer SerializePiece(std::unique_ptr<Message> message) {
  const FieldDescriptor* field = OnlyBytes(*message);
  if (field == nullptr) return Serialize(*message);
  std::string scratch;
  const std::string& bytes =
      message->GetReflection()->GetStringReference(*message, field, &scratch);
  std::array<std::uint8_t, 2 * kMaxVarintBytes> head;
  std::uint8_t* end = WireFormatLite::WriteTagToArray(
      field->number(), WireFormatLite::WIRETYPE_LENGTH_DELIMITED, head.data());
  end = CodedOutputStream::WriteVarint64ToArray(bytes.size(), end);
  const auto let_go = [](void* of) { delete static_cast<Message*>(of); };
  const std::array<grpc::Slice, 2> slices = {
      grpc::Slice(head.data(), static_cast<std::size_t>(end - head.data())),
      grpc::Slice(const_cast<char*>(bytes.data()), bytes.size(), let_go,
                  message.get())};
  // The second slice owns it now.
  static_cast<void>(message.release());
  return grpc::ByteBuffer(slices.data(), slices.size());
}

std::unique_ptr<Message> ParseMessage(const google::protobuf::Descriptor& type,
                                      grpc::ByteBuffer& bytes) {
  std::unique_ptr<Message> message(
      google::protobuf::MessageFactory::generated_factory()
          ->GetPrototype(&type)
          ->New());
  // Parses gRPC's slices directly: joining them would copy large messages.
  const bool ok = grpc::GenericDeserialize<grpc::ProtoBufferReader, Message>(
                      &bytes, message.get())
                      .ok();
  return ok ? std::move(message) : nullptr;
}

google::rpc::Status ToProto(const grpc::Status& status) {
  google::rpc::Status proto;
  // The details hold the whole google.rpc.Status, unless its code differs.
  if (!status.error_details().empty() &&
      proto.ParseFromString(status.error_details()) &&
      proto.code() == status.error_code()) {
    return proto;
  }
  const char* safe = SafeText(status.error_code());
  const std::string text = safe != nullptr ? safe : status.error_message();
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  // Not from the server itself, which adds details.  Nobody reads the reply to
  // a call that the gateway has cancelled.
  const bool unavailable = code == absl::StatusCode::kUnavailable ||
                           code == absl::StatusCode::kCancelled;
  return ToProto(unavailable ? MakeError(Reason::kBackendUnavailable, text)
                             : absl::Status(code, text));
}

void AddInitialMetadata(const grpc::ClientContext& context,
                        Metadata* metadata) {
  Add(context.GetServerInitialMetadata(), metadata);
}

void AddTrailingMetadata(const grpc::ClientContext& context,
                         Metadata* metadata) {
  Add(context.GetServerTrailingMetadata(), metadata);
}

UpstreamReply UnparsableReply() {
  UpstreamReply reply;
  reply.status = ToProto(MakeError(
      Reason::kInternal, "the response of the server cannot be parsed"));
  return reply;
}

}  // namespace pinhole::gateway
