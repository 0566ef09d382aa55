// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "base/sha256.h"
#include "server/model/ids.h"

namespace pinhole {

// Who may see a photo besides its owner.  The values are stored.
enum class Visibility : std::int8_t {
  kPublic = 1,     // Everybody.
  kFollowers = 2,  // The owner's followers.
  kPrivate = 3,    // Nobody.
};

// The digests of a photo's files in the order of `v1::Rendition`: thumbnail,
// medium, large, original.  All zero if unknown: for photos that were uploaded
// before digests were stored and whose renditions were not rebuilt since.
using PhotoDigests = std::array<Digest, 4>;

inline bool AreKnown(const PhotoDigests& digests) {
  return digests != PhotoDigests{};
}

// A photo as one viewer sees it: counts exclude what the viewer may not see.
struct Photo {
  PhotoId id;
  UserId owner;
  std::string owner_handle;
  // The name of the folder with the photo's files: 32 lower-case hex digits.
  // Secret.  Changes when the renditions are rebuilt.
  std::string file_key;
  std::string caption;
  std::string alt_text;
  Visibility visibility = Visibility::kPublic;
  absl::Time create_time;
  std::int32_t width = 0;   // In pixels, upright.
  std::int32_t height = 0;  // In pixels, upright.
  std::int64_t size_bytes = 0;
  std::string content_type;  // Media type of the original.
  std::int32_t like_count = 0;
  std::int32_t comment_count = 0;
  bool liked = false;
  // The media::kRenditionVersion of the code that made the renditions; 0 if it
  // was not recorded.
  std::int32_t rendition_version = 0;
  PhotoDigests digests = {};
};

// The result of liking or unliking a photo.
struct LikeState {
  std::int32_t like_count = 0;
  bool liked = false;
};

}  // namespace pinhole
