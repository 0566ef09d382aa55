// SPDX-License-Identifier: Apache-2.0

#include "gateway/rules/raw_fields.h"

#include "absl/strings/ascii.h"
#include "pinhole/v1/options.pb.h"

namespace pinhole::gateway {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

// Compared by name, because the gateway does not link the file that declares
// it.
constexpr char kHttpBody[] = "google.api.HttpBody";

// Finds an optional field; returns false if it has the wrong type.
bool Find(const Descriptor& type, const std::string& name,
          FieldDescriptor::CppType of, const FieldDescriptor** field) {
  if (name.empty()) return true;
  *field = type.FindFieldByName(name);
  return *field != nullptr && (*field)->cpp_type() == of &&
         !(*field)->is_repeated();
}

absl::StatusOr<RawFields> FromOption(const Descriptor& streamed,
                                     const v1::RawBody& option) {
  RawFields raw;
  raw.data = streamed.FindFieldByName(option.data_field());
  raw.head = streamed.FindFieldByName(option.head_field());
  if (raw.data == nullptr || raw.data->type() != FieldDescriptor::TYPE_BYTES ||
      raw.data->is_repeated() || raw.head == nullptr ||
      raw.head->message_type() == nullptr || raw.head->is_repeated()) {
    return absl::InvalidArgumentError(
        "a raw body requires a data_field of type bytes and a head_field that "
        "is a message");
  }
  const Descriptor& head = *raw.head->message_type();
  if (!Find(head, option.content_type_field(), FieldDescriptor::CPPTYPE_STRING,
            &raw.content_type) ||
      !Find(head, option.size_field(), FieldDescriptor::CPPTYPE_INT64,
            &raw.size) ||
      !Find(head, option.etag_field(), FieldDescriptor::CPPTYPE_STRING,
            &raw.etag) ||
      !Find(head, option.redirect_uri_field(), FieldDescriptor::CPPTYPE_STRING,
            &raw.redirect_uri)) {
    return absl::InvalidArgumentError(
        "a raw body's content_type_field, size_field (int64), etag_field or "
        "redirect_uri_field is missing or of the wrong type");
  }
  if (option.max_bytes() < 0) {
    return absl::InvalidArgumentError("a raw body's max_bytes is negative");
  }
  raw.max_bytes = static_cast<std::uint64_t>(option.max_bytes());
  for (const std::string& type : option.content_types()) {
    raw.content_types.push_back(absl::AsciiStrToLower(type));
  }
  return raw;
}

// Returns an empty object if the type is not an HttpBody.
absl::StatusOr<RawFields> FromHttpBody(const Descriptor& message,
                                       const FieldDescriptor* field) {
  RawFields raw;
  if (field != nullptr && field->is_repeated()) return raw;
  const Descriptor* body = field == nullptr ? &message : field->message_type();
  if (body == nullptr || body->full_name() != kHttpBody) return raw;
  raw.http_body = true;
  raw.head = field;
  raw.data = body->FindFieldByName("data");
  if (raw.data == nullptr || raw.data->type() != FieldDescriptor::TYPE_BYTES ||
      raw.data->is_repeated() ||
      !Find(*body, "content_type", FieldDescriptor::CPPTYPE_STRING,
            &raw.content_type)) {
    return absl::InvalidArgumentError(
        "google.api.HttpBody must have a string content_type and bytes data");
  }
  return raw;
}

}  // namespace

absl::StatusOr<RawFields> FindRawRequest(const MethodDescriptor& method,
                                         const FieldDescriptor* body_field) {
  if (!method.options().HasExtension(v1::raw_request)) {
    return FromHttpBody(*method.input_type(), body_field);
  }
  if (!method.client_streaming()) {
    return absl::InvalidArgumentError("raw_request requires client streaming");
  }
  return FromOption(*method.input_type(),
                    method.options().GetExtension(v1::raw_request));
}

absl::StatusOr<RawFields> FindRawResponse(
    const MethodDescriptor& method, const FieldDescriptor* response_field) {
  if (!method.options().HasExtension(v1::raw_response)) {
    return FromHttpBody(*method.output_type(), response_field);
  }
  if (!method.server_streaming()) {
    return absl::InvalidArgumentError("raw_response requires server streaming");
  }
  const v1::RawBody& option = method.options().GetExtension(v1::raw_response);
  auto raw = FromOption(*method.output_type(), option);
  if (raw.ok() && !Find(*method.input_type(), option.offset_field(),
                        FieldDescriptor::CPPTYPE_INT64, &raw->offset)) {
    return absl::InvalidArgumentError(
        "a raw body's offset_field must be an int64 field of the request");
  }
  if (raw.ok() &&
      (!Find(*method.input_type(), option.accept_redirect_field(),
             FieldDescriptor::CPPTYPE_BOOL, &raw->accept_redirect) ||
       (raw->accept_redirect != nullptr &&
        !raw->accept_redirect->has_presence()) ||
       (raw->accept_redirect == nullptr) != (raw->redirect_uri == nullptr))) {
    return absl::InvalidArgumentError(
        "a raw body's accept_redirect_field must be an optional bool field of "
        "the request, set together with redirect_uri_field");
  }
  return raw;
}

}  // namespace pinhole::gateway
