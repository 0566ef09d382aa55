// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"

namespace pinhole::gateway {

// The fields that hold a raw body and its properties, either by Pinhole's
// option (a head, then messages with bytes) or because the body is a
// google.api.HttpBody (type and bytes in one message).
struct RawFields {
  // The properties of the bytes.  Null if the whole message is an HttpBody.
  const google::protobuf::FieldDescriptor* head = nullptr;
  // The bytes: a field of the message, or of the HttpBody if there is one.
  // Null if the body is JSON.
  const google::protobuf::FieldDescriptor* data = nullptr;
  // Fields of the head; can be null.
  const google::protobuf::FieldDescriptor* content_type = nullptr;
  const google::protobuf::FieldDescriptor* size = nullptr;
  const google::protobuf::FieldDescriptor* etag = nullptr;
  // For a download, the field of the request with the first byte; can be null.
  const google::protobuf::FieldDescriptor* offset = nullptr;
  // For a download that can be redirected, the field of the request that
  // permits it, and the field of the head with the URI; both are null if not.
  const google::protobuf::FieldDescriptor* accept_redirect = nullptr;
  const google::protobuf::FieldDescriptor* redirect_uri = nullptr;

  std::uint64_t max_bytes = 0;             // 0: the service decides.
  std::vector<std::string> content_types;  // Empty: the service decides.
  bool http_body = false;

  explicit operator bool() const { return data != nullptr; }
};

// Returns how requests of `method` hold a raw body; empty if they do not.
// `body_field` is null if the whole request is the body.
// Errors: INVALID_ARGUMENT (an option does not fit the messages).
absl::StatusOr<RawFields> FindRawRequest(
    const google::protobuf::MethodDescriptor& method,
    const google::protobuf::FieldDescriptor* body_field);

// Returns how responses of `method` hold a raw body.
absl::StatusOr<RawFields> FindRawResponse(
    const google::protobuf::MethodDescriptor& method,
    const google::protobuf::FieldDescriptor* response_field);

}  // namespace pinhole::gateway
