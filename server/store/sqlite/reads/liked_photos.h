// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "server/model/ids.h"

namespace pinhole::store {

// The newest photos that a viewer likes, kept up to date in memory.
class LikedPhotos {
 public:
  // The number of ids that the query selects.
  static constexpr std::size_t kLength = 512;

  // `ids` is the result of the query, newest photo first.
  explicit LikedPhotos(std::vector<PhotoId> ids);

  // Nothing for a photo that is older than the ones kept here.
  std::optional<bool> Contains(PhotoId photo) const;

  void Add(PhotoId photo);
  void Remove(PhotoId photo);

  std::size_t bytes() const { return ids_.capacity() * sizeof(PhotoId); }

 private:
  std::vector<PhotoId> ids_;  // Ascending; at most twice kLength.
  PhotoId floor_;  // Likes of newer photos are complete; none: all likes are.
};

}  // namespace pinhole::store
