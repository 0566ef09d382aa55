// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/writes/draft/draft.h"

#include "base/status_macros.h"
#include "server/store/store_errors.h"

namespace pinhole::postgres {

absl::Status Draft::Load() {
  Pipeline& pipeline = transaction.pipeline;
  // The order of locks is that of write_transaction.h.
  requests.Claim(pipeline, transaction.now);
  handles.Claim(pipeline, transaction.now);
  photos.LockPublishing(pipeline);
  users.Lock(pipeline);
  // Ties and likes of users change only while the users are locked, except that
  // the likes of a photo are deleted with it.  So they are read before photos
  // are locked: other servers wait for those that are popular.
  ties.Load(pipeline);
  likes.Load(pipeline);
  photos.Lock(pipeline);
  uploads.Lock(pipeline);
  ASSIGN_OR_RETURN(const std::vector<Result> results, pipeline.Flush());
  requests.Read(results);
  handles.Read(results);
  users.Read(results);
  photos.Read(results);
  uploads.Read(results);
  ties.Read(results);
  likes.Read(results, photos, ties);
  return LoadTies();
}

absl::Status Draft::LoadTies() {
  Pipeline& pipeline = transaction.pipeline;
  ties.Load(pipeline);
  likes.LoadBlocks(pipeline);
  ASSIGN_OR_RETURN(const std::vector<Result> results, pipeline.Flush());
  ties.Read(results);
  likes.ReadBlocks(results, ties);
  return absl::OkStatus();
}

void Draft::Save() {
  Pipeline& pipeline = transaction.pipeline;
  const absl::Time now = transaction.now;
  requests.Save(pipeline);
  handles.Save(pipeline);
  users.Save(pipeline, now);
  photos.Save(pipeline, now);
  uploads.Save(pipeline);
  sessions.Save(pipeline, now);
  ties.Save(pipeline);
  likes.Save(pipeline, now);
  comments.Save(pipeline, now);
  notifications.Save(pipeline, now);
}

absl::StatusOr<Photos::Row> Draft::VisiblePhoto(UserId actor,
                                                PhotoId photo) const {
  const Photos::Row* const row = photos.Find(photo);
  if (row == nullptr || ties.Separated(actor, row->owner)) {
    return store::NoSuchPhoto();
  }
  const Visibility reach = actor == row->owner ? Visibility::kPrivate
                           : ties.Follow(actor, row->owner)
                               ? Visibility::kFollowers
                               : Visibility::kPublic;
  if (row->visibility > reach) return store::NoSuchPhoto();
  return *row;
}

}  // namespace pinhole::postgres
