// SPDX-License-Identifier: Apache-2.0

#include "server/domain/missing.h"

#include <string>

#include "fmt/format.h"

namespace pinhole::domain {
namespace {

absl::Status MissingResource(const std::string& name) {
  return absl::NotFoundError(
      fmt::format("{} does not exist, or you may not see it", name));
}

}  // namespace

absl::Status Missing(std::string_view handle) {
  return MissingResource(fmt::format("users/{}", handle));
}

absl::Status Missing(PhotoId photo) {
  return MissingResource(fmt::format("photos/{}", photo.value));
}

absl::Status Missing(PhotoId photo, CommentId comment) {
  return MissingResource(
      fmt::format("photos/{}/comments/{}", photo.value, comment.value));
}

absl::Status Missing(std::string_view handle, SessionId session) {
  return MissingResource(
      fmt::format("users/{}/sessions/{}", handle, session.value));
}

}  // namespace pinhole::domain
