// SPDX-License-Identifier: Apache-2.0

#include "server/domain/missing.h"

#include <string>

#include "base/errors.h"
#include "fmt/format.h"

namespace pinhole::domain {
namespace {

absl::Status MissingResource(Reason reason, const std::string& name) {
  return WithResource(
      MakeError(reason,
                fmt::format("{} does not exist, or you may not see it", name)),
      name);
}

}  // namespace

absl::Status Missing(std::string_view handle) {
  return MissingResource(Reason::kUserNotFound,
                         fmt::format("users/{}", handle));
}

absl::Status Missing(PhotoId photo) {
  return MissingResource(Reason::kPhotoNotFound,
                         fmt::format("photos/{}", photo.value));
}

absl::Status Missing(PhotoId photo, CommentId comment) {
  return MissingResource(
      Reason::kCommentNotFound,
      fmt::format("photos/{}/comments/{}", photo.value, comment.value));
}

absl::Status Missing(std::string_view handle, SessionId session) {
  return MissingResource(
      Reason::kSessionNotFound,
      fmt::format("users/{}/sessions/{}", handle, session.value));
}

}  // namespace pinhole::domain
