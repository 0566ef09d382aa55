// SPDX-License-Identifier: Apache-2.0

// Resource names: parsing and formatting.
//
// `field` is the path of the field in the request.  A name of another form is
// an INVALID_ARGUMENT error for that field; whether the resource exists is not
// checked.  In place of a handle `me` means the caller: UNAUTHENTICATED if the
// caller is not signed in.

#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/model/ids.h"
#include "server/model/removal.h"
#include "server/rpc/call.h"

namespace pinhole::rpc {

struct SessionName {
  std::string handle;
  SessionId session;
};

struct CommentName {
  PhotoId photo;
  CommentId comment;
};

// users/{handle}: the handle, in lower case.
absl::StatusOr<std::string> ParseUserName(std::string_view field,
                                          std::string_view name,
                                          const Caller& caller);
// users/{handle}/sessions/{session}, or `current` for the caller's session.
absl::StatusOr<SessionName> ParseSessionName(std::string_view field,
                                             std::string_view name,
                                             const Caller& caller);
// photos/{photo}
absl::StatusOr<PhotoId> ParsePhotoName(std::string_view field,
                                       std::string_view name);
// photos/{photo}/comments/{comment}
absl::StatusOr<CommentName> ParseCommentName(std::string_view field,
                                             std::string_view name);
// notifications/{notification}
absl::StatusOr<NotificationId> ParseNotificationName(std::string_view field,
                                                     std::string_view name);

std::string FormatUserName(std::string_view handle);
std::string FormatSessionName(std::string_view handle, SessionId session);
std::string FormatPhotoName(PhotoId photo);
std::string FormatCommentName(PhotoId photo, CommentId comment);
std::string FormatNotificationName(NotificationId notification);
// The name of the removed resource.
std::string FormatRemovedName(const Removal& removal);

}  // namespace pinhole::rpc
