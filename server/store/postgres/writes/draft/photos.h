// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "absl/time/time.h"
#include "server/model/ids.h"
#include "server/model/photo.h"
#include "server/store/postgres/db/pipeline.h"

namespace pinhole::postgres {

// The photos that the commands of a batch concern, and those that it adds.
class Photos {
 public:
  struct Row {
    UserId owner;
    Visibility visibility = Visibility::kPublic;
    std::int32_t like_count = 0;  // As stored.
    std::int32_t hidden_like_count = 0;
  };

  void Want(PhotoId photo) { wanted_.insert(photo); }
  void WantToAdd() { publishes_ = true; }

  // If the batch adds photos, excludes other transactions that do, so that the
  // order of the ids is that of the commits.  Must precede the other locks.
  void LockPublishing(Pipeline& pipeline);
  void Lock(Pipeline& pipeline);
  void Read(const std::vector<Result>& results);

  const Row* Find(PhotoId photo) const;
  // The photo is about to be deleted with its owner.
  void Hide(PhotoId photo) { rows_.erase(photo); }

  void CountLike(PhotoId photo, int change) { changes_[photo].likes += change; }
  void CountComment(PhotoId photo) { ++changes_[photo].comments; }
  // The id for a new photo: `id`, or a larger one if that is not the largest.
  PhotoId NextId(std::int64_t id) const {
    return PhotoId{std::max(id, latest_ + 1)};
  }
  void Add(const Photo& photo);

  void Save(Pipeline& pipeline, absl::Time now) const;

 private:
  struct Counts {
    std::int32_t likes = 0;
    std::int32_t comments = 0;
  };
  void SaveCounts(Pipeline& pipeline) const;

  std::set<PhotoId> wanted_;
  bool publishes_ = false;
  std::map<PhotoId, Row> rows_;
  std::map<PhotoId, Counts> changes_;
  std::vector<Photo> added_;
  std::int64_t latest_ = 0;  // The largest id of a photo so far.
  std::size_t publishing_ = 0, locked_ = 0;  // Indexes of results.
};

}  // namespace pinhole::postgres
