// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "server/model/ids.h"

namespace pinhole {

struct Like {
  std::string user_handle;
  std::string user_display_name;
  absl::Time create_time;
};

struct Comment {
  CommentId id;
  PhotoId photo;
  std::string author_handle;
  std::string author_display_name;
  std::string text;
  absl::Time create_time;
};

struct Notification {
  // The values are stored.
  enum class Kind : std::int8_t { kFollow = 1, kLike = 2, kComment = 3 };

  NotificationId id;
  Kind kind = Kind::kFollow;
  std::string actor_handle;
  PhotoId photo;      // None for a follow.
  CommentId comment;  // Only for a comment.
  absl::Time create_time;
  bool read = false;
};

}  // namespace pinhole
