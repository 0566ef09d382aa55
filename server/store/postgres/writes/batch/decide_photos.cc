// SPDX-License-Identifier: Apache-2.0

#include "base/status_macros.h"
#include "server/store/postgres/writes/batch/decide.h"
#include "server/store/store_errors.h"

namespace pinhole::postgres {

void Want(Draft& draft, const AddPhoto& command) {
  draft.requests.Want(command.request);
  draft.users.Want(command.owner);
  draft.photos.WantToAdd();
  draft.uploads.Want(command.file_key);
}

absl::StatusOr<Photo> Decide(Draft& draft, const AddPhoto& command) {
  ASSIGN_OR_RETURN(const std::int64_t earlier,
                   draft.requests.Find(command.request));
  if (earlier != 0) {
    return draft.transaction.reader().FindPhoto(command.owner,
                                                PhotoId{earlier});
  }
  const Users::Row* const owner = draft.users.Find(command.owner);
  if (owner == nullptr) return store::NoSuchUser();
  if (!draft.uploads.Take(command.file_key)) return store::UploadGivenUp();
  Photo photo;
  photo.id = draft.photos.NextId(draft.transaction.NewId());
  photo.owner = command.owner;
  photo.owner_handle = owner->handle;
  photo.file_key = command.file_key;
  photo.caption = command.caption;
  photo.alt_text = command.alt_text;
  photo.visibility = command.visibility;
  photo.create_time = draft.transaction.now;
  photo.width = command.width;
  photo.height = command.height;
  photo.size_bytes = command.size_bytes;
  photo.content_type = command.content_type;
  photo.rendition_version = command.rendition_version;
  photo.digests = command.digests;
  draft.photos.Add(photo);
  draft.users.CountPhoto(command.owner, command.visibility);
  draft.requests.Remember(command.request, photo.id.value, command.owner);
  return photo;
}

}  // namespace pinhole::postgres
