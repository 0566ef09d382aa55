// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "server/model/ids.h"

namespace pinhole {

// The removal of another user's content by an administrator.  Handles are those
// at the time of the removal, since the record outlives both accounts.
struct Removal {
  // The values are stored.
  enum class Kind : std::int8_t { kPhoto = 1, kComment = 2, kUser = 3 };

  std::int64_t id = 0;
  Kind kind = Kind::kPhoto;
  std::string administrator = {};
  // The owner of the photo or account, or the author of the comment.
  std::string owner = {};
  PhotoId photo = {};      // None for an account.
  CommentId comment = {};  // Only for a comment.
  absl::Time time = {};
};

}  // namespace pinhole
