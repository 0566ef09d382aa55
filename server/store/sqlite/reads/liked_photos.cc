// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/reads/liked_photos.h"

#include <algorithm>
#include <utility>

namespace pinhole::store {

LikedPhotos::LikedPhotos(std::vector<PhotoId> ids) : ids_(std::move(ids)) {
  std::reverse(ids_.begin(), ids_.end());
  if (ids_.size() >= kLength) floor_ = ids_.front();
}

std::optional<bool> LikedPhotos::Contains(PhotoId photo) const {
  if (std::binary_search(ids_.begin(), ids_.end(), photo)) return true;
  if (photo <= floor_) return std::nullopt;
  return false;
}

void LikedPhotos::Add(PhotoId photo) {
  if (photo <= floor_) return;
  const auto place = std::lower_bound(ids_.begin(), ids_.end(), photo);
  if (place != ids_.end() && *place == photo) return;
  ids_.insert(place, photo);
  if (ids_.size() <= 2 * kLength) return;
  ids_.erase(ids_.begin(), ids_.end() - kLength);
  floor_ = ids_.front();
}

void LikedPhotos::Remove(PhotoId photo) {
  const auto place = std::lower_bound(ids_.begin(), ids_.end(), photo);
  if (place != ids_.end() && *place == photo) ids_.erase(place);
}

}  // namespace pinhole::store
