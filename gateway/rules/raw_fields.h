// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_RULES_RAW_FIELDS_H_
#define PINHOLE_GATEWAY_RULES_RAW_FIELDS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"

namespace pinhole::gateway {

// The fields that carry a raw body and what is said of it, either by Pinhole's
// option (a head, then messages of bytes) or because the body is a
// google.api.HttpBody (its type and bytes in one).
struct RawFields {
  // What is said of the bytes.  Null for an HttpBody that is no field but the
  // message itself.
  const google::protobuf::FieldDescriptor* head = nullptr;
  // Of the message; of the HttpBody if there is one.  Null if the body is JSON.
  const google::protobuf::FieldDescriptor* data = nullptr;
  // Of the head; may be null.
  const google::protobuf::FieldDescriptor* content_type = nullptr;
  const google::protobuf::FieldDescriptor* size = nullptr;
  const google::protobuf::FieldDescriptor* etag = nullptr;
  // Of the request of a download: where its bytes begin.  May be null.
  const google::protobuf::FieldDescriptor* offset = nullptr;

  std::uint64_t max_bytes = 0;             // 0: the service decides.
  std::vector<std::string> content_types;  // Empty: the service decides.
  bool http_body = false;

  explicit operator bool() const { return data != nullptr; }
};

// How the requests of `method` carry a raw body; nothing in it if they do not.
// `body_field` is null if the whole request is the body.
// Errors: INVALID_ARGUMENT (an option that does not fit the messages).
absl::StatusOr<RawFields> FindRawRequest(
    const google::protobuf::MethodDescriptor& method,
    const google::protobuf::FieldDescriptor* body_field);

// The same for its responses.
absl::StatusOr<RawFields> FindRawResponse(
    const google::protobuf::MethodDescriptor& method,
    const google::protobuf::FieldDescriptor* response_field);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_RULES_RAW_FIELDS_H_
