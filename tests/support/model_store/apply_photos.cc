// SPDX-License-Identifier: Apache-2.0

#include "base/errors.h"
#include "base/status_macros.h"
#include "tests/support/model_store/apply.h"
#include "tests/support/model_store/view.h"

namespace pinhole::testing::model {
namespace {

// A photo that `actor` is about to change.
absl::StatusOr<Photo*> FindOwn(Rows& rows, UserId actor, PhotoId photo) {
  RETURN_IF_ERROR(View(rows, actor).CheckPhoto(photo));
  Photo* const row =
      Find(rows.photos, [&](const Photo& p) { return p.id == photo; });
  if (row->owner != actor) {
    return MakeError(Reason::kPhotoNotOwned,
                     "the photo belongs to another user");
  }
  return row;
}

absl::Status TakeUpload(Rows& rows, const std::string& file_key) {
  if (rows.uploads.erase(file_key) > 0) return absl::OkStatus();
  return absl::AbortedError(
      "the upload was given up because it took too long; repeat it");
}

}  // namespace

absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const RecordUpload& command) {
  transaction.rows.uploads[command.file_key] = transaction.now;
  return Nothing{};
}

absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const GiveUpUpload& command) {
  if (transaction.rows.uploads.erase(command.file_key) == 0) {
    return absl::NotFoundError("there is no upload with these files");
  }
  transaction.rows.garbage.insert(command.file_key);
  return Nothing{};
}

absl::StatusOr<Photo> Apply(WriteTransaction& transaction,
                            const AddPhoto& command) {
  const View owner(transaction.rows, command.owner);
  ASSIGN_OR_RETURN(
      const std::int64_t earlier,
      FindRequest(transaction.rows, command.request, transaction.now));
  if (earlier != 0) return owner.FindPhoto(PhotoId{earlier});
  RETURN_IF_ERROR(owner.CheckUser(command.owner));
  RETURN_IF_ERROR(TakeUpload(transaction.rows, command.file_key));
  Photo photo;
  photo.id = PhotoId{transaction.NewId()};
  photo.owner = command.owner;
  photo.file_key = command.file_key;
  photo.caption = command.caption;
  photo.alt_text = command.alt_text;
  photo.visibility = command.visibility;
  photo.create_time = transaction.now;
  photo.width = command.width;
  photo.height = command.height;
  photo.size_bytes = command.size_bytes;
  photo.content_type = command.content_type;
  photo.rendition_version = command.rendition_version;
  photo.digests = command.digests;
  transaction.rows.photos.push_back(photo);
  RememberRequest(transaction, command.request, photo.id.value, command.owner);
  return owner.FindPhoto(photo.id);
}

absl::StatusOr<Photo> Apply(WriteTransaction& transaction,
                            const UpdatePhoto& command) {
  ASSIGN_OR_RETURN(Photo* const photo,
                   FindOwn(transaction.rows, command.actor, command.photo));
  if (command.caption) photo->caption = *command.caption;
  if (command.alt_text) photo->alt_text = *command.alt_text;
  if (command.visibility) photo->visibility = *command.visibility;
  return View(transaction.rows, command.actor).FindPhoto(command.photo);
}

absl::StatusOr<DeletePhoto::Result> Apply(WriteTransaction& transaction,
                                          const DeletePhoto& command) {
  Rows& rows = transaction.rows;
  absl::StatusOr<Photo*> found = FindOwn(rows, command.actor, command.photo);
  if (!found.ok() && IsAdministrator(rows, command.actor)) {
    found = Find(rows.photos,
                 [&](const Photo& p) { return p.id == command.photo; });
    if (*found == nullptr) return NoSuchPhoto();
  }
  ASSIGN_OR_RETURN(const Photo* const photo, found);
  DeletePhoto::Result result{photo->file_key};
  if (photo->owner != command.actor) {
    result.removal =
        RecordRemoval(transaction, command.actor, photo->owner,
                      {.kind = Removal::Kind::kPhoto, .photo = photo->id});
  }
  rows.garbage.insert(photo->file_key);
  std::erase_if(rows.likes,
                [&](const LikeRow& l) { return l.photo == command.photo; });
  std::erase_if(rows.comments,
                [&](const CommentRow& c) { return c.photo == command.photo; });
  std::erase_if(rows.photos,
                [&](const Photo& p) { return p.id == command.photo; });
  return result;
}

absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const ReplacePhotoFiles& command) {
  Photo* const photo = Find(transaction.rows.photos, [&](const Photo& p) {
    return p.id == command.photo && p.file_key == command.old_file_key;
  });
  if (photo == nullptr) {
    return absl::NotFoundError(
        "there is no photo with this id and these files");
  }
  if (command.new_file_key != command.old_file_key) {
    RETURN_IF_ERROR(TakeUpload(transaction.rows, command.new_file_key));
    transaction.rows.garbage.insert(command.old_file_key);
  }
  photo->file_key = command.new_file_key;
  photo->width = command.width;
  photo->height = command.height;
  photo->content_type = command.content_type;
  photo->rendition_version = command.rendition_version;
  photo->digests = command.digests;
  return Nothing{};
}

absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const OutdateRenditions&) {
  for (Photo& photo : transaction.rows.photos) photo.rendition_version = 0;
  return Nothing{};
}

absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const ForgetGarbage& command) {
  for (const std::string& key : command.file_keys)
    transaction.rows.garbage.erase(key);
  return Nothing{};
}

}  // namespace pinhole::testing::model
