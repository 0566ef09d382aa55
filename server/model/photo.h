// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_MODEL_PHOTO_H_
#define PINHOLE_SERVER_MODEL_PHOTO_H_

#include <array>
#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "base/sha256.h"
#include "server/model/ids.h"

namespace pinhole {

// Who may see a photo besides its owner.  The numbers are stored.
enum class Visibility : std::int8_t {
  kPublic = 1,     // Everybody.
  kFollowers = 2,  // The owner's followers.
  kPrivate = 3,    // Nobody.
};

// The digests of a photo's files in the order of `v1::Rendition`: thumbnail,
// medium, large, original.  All zero if they are not known: those of a photo
// that was uploaded before digests were kept and whose renditions have not been
// rebuilt since.
using PhotoDigests = std::array<Digest, 4>;

inline bool AreKnown(const PhotoDigests& digests) {
  return digests != PhotoDigests{};
}

// A photo as one viewer sees it: counts leave out what the viewer may not see.
struct Photo {
  PhotoId id;
  UserId owner;
  std::string owner_handle;
  // Names the photo's folder in the photo files: 32 lower-case hex digits.
  // Never shown to a client.  Another one after the renditions were rebuilt.
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
  // Of the code that made the renditions: media::kRenditionVersion of its time,
  // 0 for those from before it was recorded.
  std::int32_t rendition_version = 0;
  PhotoDigests digests = {};
};

// What liking or unliking leads to.
struct LikeState {
  std::int32_t like_count = 0;
  bool liked = false;
};

}  // namespace pinhole

#endif  // PINHOLE_SERVER_MODEL_PHOTO_H_
