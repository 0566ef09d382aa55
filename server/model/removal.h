// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_MODEL_REMOVAL_H_
#define PINHOLE_SERVER_MODEL_REMOVAL_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "server/model/ids.h"

namespace pinhole {

// That an administrator removed something of another user's.  Handles are those
// of the time of the removal: the record outlives both accounts.
struct Removal {
  // The numbers are stored.
  enum class Kind : std::int8_t { kPhoto = 1, kComment = 2, kUser = 3 };

  std::int64_t id = 0;
  Kind kind = Kind::kPhoto;
  std::string administrator = {};
  // Of the photo or the account; the author of the comment.
  std::string owner = {};
  PhotoId photo = {};      // None for an account.
  CommentId comment = {};  // For a comment.
  absl::Time time = {};
};

}  // namespace pinhole

#endif  // PINHOLE_SERVER_MODEL_REMOVAL_H_
