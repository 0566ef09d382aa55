// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/writes/single/photos.h"

#include <cstdint>
#include <string>

#include "base/status_macros.h"
#include "server/store/postgres/writes/single/locks.h"
#include "server/store/postgres/writes/single/removals.h"
#include "server/store/store_errors.h"

namespace pinhole::postgres {
namespace {

constexpr std::int32_t kOutdatedAtOnce = 500;

// The visibility of no photo.
constexpr std::int32_t kNone = 0;

Bytes ToBytes(const PhotoDigests& digests) {
  if (!AreKnown(digests)) return Bytes{""};
  return Bytes{{digests.front().data(), sizeof(digests)}};
}

std::int32_t Number(Visibility visibility) {
  return static_cast<std::int32_t>(visibility);
}

// Moves a photo between the counts of its owner; `to` is kNone for a deleted
// photo.
void CountPhoto(WriteTransaction& transaction, UserId owner, std::int32_t from,
                std::int32_t to) {
  static const Statement kUpdate(
      "UPDATE users SET "
      "public_photo_count = public_photo_count"
      " + ($3 = 1)::integer - ($2 = 1)::integer, "
      "followers_photo_count = followers_photo_count"
      " + ($3 = 2)::integer - ($2 = 2)::integer, "
      "private_photo_count = private_photo_count"
      " + ($3 = 3)::integer - ($2 = 3)::integer "
      "WHERE id = $1");
  transaction.pipeline.Add(kUpdate, owner, from, to);
}

void AddGarbage(WriteTransaction& transaction, UserId owner,
                const std::string& file_key) {
  static const Statement kInsert(
      "INSERT INTO garbage (file_key, owner_id, create_time) "
      "VALUES ($1, $2, $3) ON CONFLICT DO NOTHING");
  transaction.pipeline.Add(kInsert, file_key, owner, transaction.now);
}

// Locks `actor`, the owner of the photo, and the photo.
absl::StatusOr<UserId> LockWithOwner(WriteTransaction& transaction,
                                     UserId actor, PhotoId id) {
  ASSIGN_OR_RETURN(const UserId owner, OwnerOf(transaction, id));
  RETURN_IF_ERROR(LockUsers(transaction, {actor, owner}));
  RETURN_IF_ERROR(LockPhotos(transaction, {{owner}, {id}}));
  return owner;
}

// Finds a photo that `actor` is about to change; all of LockWithOwner is
// locked.  Errors: NOT_FOUND (not visible), PERMISSION_DENIED (owned by another
// user).
absl::StatusOr<Photo> FindOwnPhoto(WriteTransaction& transaction, UserId actor,
                                   PhotoId id) {
  ASSIGN_OR_RETURN(Photo photo, transaction.reader().FindPhoto(actor, id));
  if (photo.owner != actor) return store::PhotoNotOwned();
  return photo;
}

// As FindOwnPhoto, but an administrator may delete any photo.
absl::StatusOr<Photo> FindPhotoToDelete(WriteTransaction& transaction,
                                        UserId actor, UserId owner,
                                        PhotoId id) {
  if (actor != owner) {
    ASSIGN_OR_RETURN(const bool administrator,
                     IsAdministrator(transaction, actor));
    if (administrator) {
      return transaction.reader().FindPhoto(owner, id);
    }
  }
  return FindOwnPhoto(transaction, actor, id);
}

}  // namespace

absl::StatusOr<Photo> Apply(WriteTransaction& transaction,
                            const UpdatePhoto& command) {
  static const Statement kUpdate(
      "UPDATE photos SET caption = coalesce($3, caption), "
      "alt_text = coalesce($4, alt_text), visibility = $5 "
      "WHERE owner_id = $1 AND id = $2");
  RETURN_IF_ERROR(
      LockWithOwner(transaction, command.actor, command.photo).status());
  ASSIGN_OR_RETURN(Photo photo,
                   FindOwnPhoto(transaction, command.actor, command.photo));
  const Visibility visibility = command.visibility.value_or(photo.visibility);
  transaction.pipeline.Add(kUpdate, photo.owner, photo.id, command.caption,
                           command.alt_text, Number(visibility));
  if (visibility != photo.visibility) {
    CountPhoto(transaction, photo.owner, Number(photo.visibility),
               Number(visibility));
  }
  if (command.caption) photo.caption = *command.caption;
  if (command.alt_text) photo.alt_text = *command.alt_text;
  photo.visibility = visibility;
  return photo;
}

absl::StatusOr<DeletePhoto::Result> Apply(WriteTransaction& transaction,
                                          const DeletePhoto& command) {
  static const Statement kNotifications(
      "DELETE FROM notifications n USING "
      "(SELECT id FROM likes WHERE owner_id = $1 AND photo_id = $2 AND id > 0 "
      "UNION ALL "
      "SELECT id FROM comments WHERE owner_id = $1 AND photo_id = $2) cause "
      "WHERE n.user_id = $1 AND n.id = cause.id");
  static const Statement kLikes(
      "DELETE FROM likes WHERE owner_id = $1 AND photo_id = $2 AND id > 0");
  static const Statement kComments(
      "DELETE FROM comments WHERE owner_id = $1 AND photo_id = $2");
  static const Statement kPhoto(
      "DELETE FROM photos WHERE owner_id = $1 AND id = $2");
  static const Statement kOwner(
      "DELETE FROM photo_owners WHERE owner_id = $1 AND photo_id = $2");
  ASSIGN_OR_RETURN(const UserId owner,
                   LockWithOwner(transaction, command.actor, command.photo));
  ASSIGN_OR_RETURN(
      const Photo photo,
      FindPhotoToDelete(transaction, command.actor, owner, command.photo));
  DeletePhoto::Result result{photo.file_key};
  if (owner != command.actor) {
    ASSIGN_OR_RETURN(
        result.removal,
        RecordRemoval(transaction, command.actor, owner,
                      {.kind = Removal::Kind::kPhoto, .photo = photo.id}));
  }
  for (const Statement* statement :
       {&kNotifications, &kLikes, &kComments, &kPhoto, &kOwner}) {
    transaction.pipeline.Add(*statement, owner, photo.id);
  }
  CountPhoto(transaction, owner, Number(photo.visibility), kNone);
  AddGarbage(transaction, owner, photo.file_key);
  return result;
}

absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const ReplacePhotoFiles& command) {
  static const Statement kFind(
      "SELECT file_key FROM photos WHERE owner_id = $1 AND id = $2");
  static const Statement kUpdate(
      "UPDATE photos SET file_key = $3, width = $4, height = $5, "
      "content_type = $6, rendition_version = $7, digests = $8 "
      "WHERE owner_id = $1 AND id = $2");
  static const Statement kPublished(
      "DELETE FROM uploads WHERE file_key = $1 RETURNING file_key");
  const absl::StatusOr<UserId> owner = OwnerOf(transaction, command.photo);
  if (absl::IsNotFound(owner.status())) return store::NoSuchPhotoFiles();
  RETURN_IF_ERROR(owner.status());
  RETURN_IF_ERROR(LockPhotos(transaction, {{*owner}, {command.photo}}));
  ASSIGN_OR_RETURN(const Result found,
                   transaction.db.Query(kFind, *owner, command.photo));
  if (found.empty() || found[0].View(0) != command.old_file_key) {
    return store::NoSuchPhotoFiles();
  }
  if (command.new_file_key != command.old_file_key) {
    ASSIGN_OR_RETURN(const Result taken,
                     transaction.db.Query(kPublished, command.new_file_key));
    if (taken.empty()) return store::UploadGivenUp();
    AddGarbage(transaction, *owner, command.old_file_key);
  }
  transaction.pipeline.Add(kUpdate, *owner, command.photo, command.new_file_key,
                           command.width, command.height, command.content_type,
                           command.rendition_version, ToBytes(command.digests));
  return Nothing{};
}

absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const ForgetGarbage& command) {
  static const Statement kDelete(
      "DELETE FROM garbage WHERE file_key IN "
      "(SELECT file_key FROM garbage WHERE file_key = ANY($1) "
      "ORDER BY file_key FOR UPDATE)");
  transaction.pipeline.Add(kDelete, command.file_keys);
  return Nothing{};
}

absl::StatusOr<Nothing> Run(Transactions& transactions,
                            const OutdateRenditions&) {
  static const Statement kNext(
      "SELECT photo_id, owner_id FROM photo_owners WHERE photo_id > $1 "
      "ORDER BY photo_id LIMIT $2");
  static const Statement kUpdate(
      "UPDATE photos SET rendition_version = 0 FROM unnest($1, $2) "
      "wanted (owner_id, id) WHERE photos.owner_id = wanted.owner_id "
      "AND photos.id = wanted.id AND rendition_version <> 0");
  PhotoId last;
  bool more = true;
  while (more) {
    PhotoKeys keys;
    RETURN_IF_ERROR(
        transactions.Run([&](WriteTransaction& transaction) -> absl::Status {
          keys = {};
          ASSIGN_OR_RETURN(const Result next,
                           transaction.db.Query(kNext, last, kOutdatedAtOnce));
          for (const Row row : next) {
            keys.photos.push_back(PhotoId{row.Int(0)});
            keys.owners.push_back(UserId{row.Int(1)});
          }
          if (keys.photos.empty()) return absl::OkStatus();
          RETURN_IF_ERROR(LockPhotos(transaction, keys));
          transaction.pipeline.Add(kUpdate, keys.owners, keys.photos);
          return absl::OkStatus();
        }));
    more = !keys.photos.empty();
    if (more) last = keys.photos.back();
  }
  return Nothing{};
}

}  // namespace pinhole::postgres
