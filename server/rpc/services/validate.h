// SPDX-License-Identifier: Apache-2.0

// Validation of what only the wire has: request ids, field masks, enums.
// (domain/text.h has the rules for texts.)  `field` is the path of the field in
// the request; a broken rule is INVALID_ARGUMENT that names it.

#ifndef PINHOLE_SERVER_RPC_SERVICES_VALIDATE_H_
#define PINHOLE_SERVER_RPC_SERVICES_VALIDATE_H_

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

// A UUID in lower case; empty if there is none.
absl::StatusOr<std::string> NormalizeRequestId(std::string_view field,
                                               std::string_view request_id);

// Bytes that are equal for equal messages, without the top-level `fields`.
std::string CanonicalWithout(const google::protobuf::Message& message,
                             std::initializer_list<std::string_view> fields);

// The key of `request_id`, asked for by `who` (a user's id or handle), who
// means `content` by it; none if it is empty.
absl::StatusOr<RequestKey> ParseRequestKey(std::string_view field,
                                           std::string_view request_id,
                                           std::string_view method,
                                           std::string_view who,
                                           std::string_view content);

// Which of the `allowed` fields of `resource` to change: those in `mask`; all
// if it is `*`; those not empty in `resource` if it is empty.
absl::StatusOr<std::set<std::string>> PathsToUpdate(
    const google::protobuf::FieldMask& mask,
    const google::protobuf::Message& resource,
    std::initializer_list<std::string_view> allowed);

// Must be stated.
absl::StatusOr<Visibility> ParseVisibility(std::string_view field,
                                           v1::Visibility visibility);

// RENDITION_LARGE if not stated.
absl::StatusOr<media::RenditionSize> ParseRendition(std::string_view field,
                                                    v1::Rendition rendition);

}  // namespace pinhole::rpc

#endif  // PINHOLE_SERVER_RPC_SERVICES_VALIDATE_H_
