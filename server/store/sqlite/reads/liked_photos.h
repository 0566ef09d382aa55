// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_STORE_SQLITE_READS_LIKED_PHOTOS_H_
#define PINHOLE_SERVER_STORE_SQLITE_READS_LIKED_PHOTOS_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "server/model/ids.h"

namespace pinhole::store {

// The newest photos that a viewer likes, kept up to date in memory: every photo
// that is shown says whether its viewer likes it, and people look at new ones.
class LikedPhotos {
 public:
  // How many ids the query asks for.
  static constexpr std::size_t kLength = 512;

  // `ids` is what the query found, newest photo first.
  explicit LikedPhotos(std::vector<PhotoId> ids);

  // Nothing for a photo that is older than those kept here.
  std::optional<bool> Contains(PhotoId photo) const;

  void Add(PhotoId photo);
  void Remove(PhotoId photo);

  std::size_t bytes() const { return ids_.capacity() * sizeof(PhotoId); }

 private:
  std::vector<PhotoId> ids_;  // Ascending; at most twice kLength.
  PhotoId floor_;  // All that are liked above it are here; none: all are.
};

}  // namespace pinhole::store

#endif  // PINHOLE_SERVER_STORE_SQLITE_READS_LIKED_PHOTOS_H_
