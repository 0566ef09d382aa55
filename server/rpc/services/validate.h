// SPDX-License-Identifier: Apache-2.0

// Validation of request ids, field masks and enums.  (domain/text/text.h
// validates texts.)  `field` is the path of the field in the request, which an
// INVALID_ARGUMENT error names.

#pragma once

#include <initializer_list>
#include <set>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/message.h"
#include "pinhole/v1/photo_service.pb.h"
#include "server/domain/photos.h"

namespace pinhole::rpc {

// Not empty.
absl::Status RequireText(std::string_view field, std::string_view text);

// A UUID, converted to lower case; or empty.
absl::StatusOr<std::string> NormalizeRequestId(std::string_view field,
                                               std::string_view request_id);

// Bytes that are equal for equal messages, without the top-level `fields`.
std::string CanonicalWithout(const google::protobuf::Message& message,
                             std::initializer_list<std::string_view> fields);

// The key for `request_id` of the user `who` (an id or a handle) and a request
// with `content`; an empty key if `request_id` is empty.
absl::StatusOr<RequestKey> ParseRequestKey(std::string_view field,
                                           std::string_view request_id,
                                           std::string_view method,
                                           std::string_view who,
                                           std::string_view content);

// The fields of `resource` to change, out of `allowed`: the paths of `mask`;
// all if it is `*`; the fields that are set in `resource` if it is empty.
absl::StatusOr<std::set<std::string>> PathsToUpdate(
    const google::protobuf::FieldMask& mask,
    const google::protobuf::Message& resource,
    std::initializer_list<std::string_view> allowed);

// Must not be unspecified.
absl::StatusOr<Visibility> ParseVisibility(std::string_view field,
                                           v1::Visibility visibility);

// Unspecified means RENDITION_LARGE.
absl::StatusOr<media::RenditionSize> ParseRendition(std::string_view field,
                                                    v1::Rendition rendition);

}  // namespace pinhole::rpc
