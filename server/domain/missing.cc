// SPDX-License-Identifier: Apache-2.0

#include "server/domain/missing.h"

#include <string>

#include "fmt/format.h"

namespace pinhole::domain {
namespace {

absl::Status Missing(const std::string& name) {
  return absl::NotFoundError(
      fmt::format("{} does not exist, or you may not see it", name));
}

}  // namespace

absl::Status MissingUser(std::string_view handle) {
  return Missing(fmt::format("users/{}", handle));
}

absl::Status MissingPhoto(PhotoId photo) {
  return Missing(fmt::format("photos/{}", photo.value));
}

absl::Status MissingComment(PhotoId photo, CommentId comment) {
  return Missing(
      fmt::format("photos/{}/comments/{}", photo.value, comment.value));
}

absl::Status MissingSession(std::string_view handle, SessionId session) {
  return Missing(fmt::format("users/{}/sessions/{}", handle, session.value));
}

}  // namespace pinhole::domain
