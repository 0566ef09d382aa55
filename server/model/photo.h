// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_MODEL_PHOTO_H_
#define PINHOLE_SERVER_MODEL_PHOTO_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "server/model/ids.h"

namespace pinhole {

// Who may see a photo besides its owner.  The numbers are stored.
enum class Visibility : std::int8_t {
  kPublic = 1,     // Everybody.
  kFollowers = 2,  // The owner's followers.
  kPrivate = 3,    // Nobody.
};

// A photo as one viewer sees it: counts leave out what the viewer may not see.
struct Photo {
  PhotoId id;
  UserId owner;
  std::string owner_handle;
  // Names the photo's folder in the photo files: 32 lower-case hex digits.
  // Never shown to a client.
  std::string file_key;
  std::string caption;
  std::string alt_text;
  Visibility visibility = Visibility::kPublic;
  absl::Time create_time;
  std::int32_t width = 0;   // Upright, in pixels.
  std::int32_t height = 0;  // Upright, in pixels.
  std::int64_t size_bytes = 0;
  std::string content_type;  // Of the original.
  std::int32_t like_count = 0;
  std::int32_t comment_count = 0;
  bool liked = false;
};

// What liking or unliking leads to.
struct LikeState {
  std::int32_t like_count = 0;
  bool liked = false;
};

}  // namespace pinhole

#endif  // PINHOLE_SERVER_MODEL_PHOTO_H_
