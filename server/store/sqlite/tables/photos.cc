// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/tables/photos.h"

#include <cstring>

#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/store/sqlite/db/page.h"
#include "server/store/sqlite/db/query.h"
#include "server/store/sqlite/db/snapshot.h"
#include "server/store/sqlite/tables/file_keys.h"
#include "server/store/sqlite/tables/notifications.h"
#include "server/store/sqlite/tables/removals.h"
#include "server/store/sqlite/tables/requests.h"
#include "server/store/sqlite/tables/users.h"
#include "server/store/sqlite/tables/visibility.h"
#include "server/store/store_errors.h"

namespace pinhole::store {
namespace {

constexpr std::string_view kRowColumns =
    "p.id, p.owner_id, o.handle, p.file_key, p.caption, p.alt_text, "
    "p.visibility, p.create_time, p.width, p.height, p.size_bytes, "
    "p.content_type, p.rendition_version, p.digests";

// The other columns for a viewer who is not signed in.
constexpr std::string_view kPublicColumns =
    "p.like_count - p.hidden_like_count, "
    "p.comment_count - p.hidden_comment_count, 0";

std::string PhotoColumns() {
  return fmt::format(
      "{}, {}, {}, "
      "EXISTS (SELECT 1 FROM likes WHERE user_id = ?1 AND photo_id = p.id)",
      kRowColumns, LikeCount(), CommentCount());
}

// Adds `change` to the owner's count of photos with that visibility.
void CountPhoto(WriteTransaction& transaction, UserId owner,
                Visibility visibility, int change) {
  static const Sql kPublic(
      "UPDATE users SET public_photo_count = public_photo_count + ?2 "
      "WHERE id = ?1");
  static const Sql kFollowers(
      "UPDATE users SET followers_photo_count = followers_photo_count + ?2 "
      "WHERE id = ?1");
  static const Sql kPrivate(
      "UPDATE users SET private_photo_count = private_photo_count + ?2 "
      "WHERE id = ?1");
  const Sql& update = visibility == Visibility::kPublic      ? kPublic
                      : visibility == Visibility::kFollowers ? kFollowers
                                                             : kPrivate;
  Query(transaction.db, update, owner, change).Run();
  transaction.changes.users.push_back(owner);
}

// Finds a photo that `actor` is about to change.
// Errors: NOT_FOUND (not visible), PERMISSION_DENIED (owned by another user).
absl::StatusOr<Photo> FindOwnPhoto(WriteTransaction& transaction, UserId actor,
                                   PhotoId id) {
  ASSIGN_OR_RETURN(Photo photo, FindPhoto(transaction.db, actor, id));
  if (photo.owner != actor) {
    return PhotoNotOwned();
  }
  return photo;
}

// As FindOwnPhoto, but an administrator may delete any photo.
absl::StatusOr<Photo> FindPhotoToDelete(WriteTransaction& transaction,
                                        UserId actor, PhotoId id) {
  static const Sql kOwner("SELECT owner_id FROM photos WHERE id = ?1");
  absl::StatusOr<Photo> photo = FindOwnPhoto(transaction, actor, id);
  if (photo.ok() || !IsAdministrator(transaction.db, actor)) return photo;
  UserId owner;
  {
    Query query(transaction.db, kOwner, id);
    if (!query.Next()) return NoSuchPhoto();
    owner = UserId{query.Int(0)};
  }
  return FindPhoto(transaction.db, owner, id);
}

}  // namespace

std::string ShowPhotos(std::string_view ids, std::string_view order) {
  return fmt::format(
      "SELECT {} FROM ({}) page CROSS JOIN photos p ON p.id = page.id "
      "CROSS JOIN users o ON o.id = p.owner_id ORDER BY p.id {}",
      PhotoColumns(), ids, order);
}

Photo ReadPhoto(Query& query) {
  Photo photo;
  photo.id = PhotoId{query.Int(0)};
  photo.owner = UserId{query.Int(1)};
  photo.owner_handle = query.Text(2);
  photo.file_key = query.Text(3);
  photo.caption = query.Text(4);
  photo.alt_text = query.Text(5);
  photo.visibility = static_cast<Visibility>(query.Int(6));
  photo.create_time = query.Time(7);
  photo.width = query.Int32(8);
  photo.height = query.Int32(9);
  photo.size_bytes = query.Int(10);
  photo.content_type = query.Text(11);
  photo.rendition_version = query.Int32(12);
  photo.digests = ToDigests(query.Bytes(13));
  photo.like_count = query.Int32(14);
  photo.comment_count = query.Int32(15);
  photo.liked = query.Bool(16);
  return photo;
}

Photo PhotoRow::SeenBy(UserId viewer) const {
  Photo seen = photo;
  if (viewer == photo.owner) return seen;
  seen.like_count -= hidden_likes;
  seen.comment_count -= hidden_comments;
  return seen;
}

PhotoDigests ToDigests(std::string_view blob) {
  PhotoDigests digests = {};
  if (blob.size() == sizeof(digests)) {
    std::memcpy(digests.data(), blob.data(), blob.size());
  }
  return digests;
}

Blob ToBlob(const PhotoDigests& digests) {
  if (!AreKnown(digests)) return Blob{""};
  return Blob{{digests.front().data(), sizeof(digests)}};
}

absl::Status CheckPhoto(Connection& db, UserId viewer, PhotoId photo) {
  static const Sql kCheck("SELECT 1 FROM photos p WHERE p.id = ?2 AND " +
                          Visible());
  Query query(db, kCheck, viewer, photo);
  return query.Next() ? absl::OkStatus() : NoSuchPhoto();
}

absl::StatusOr<Photo> FindPhoto(Connection& db, UserId viewer, PhotoId photo) {
  static const Sql kFind(fmt::format(
      "SELECT {} FROM photos p CROSS JOIN users o ON o.id = p.owner_id "
      "WHERE p.id = ?2 AND {}",
      PhotoColumns(), Visible()));
  Query query(db, kFind, viewer, photo);
  if (!query.Next()) return NoSuchPhoto();
  return ReadPhoto(query);
}

absl::StatusOr<Page<Photo>> ListPhotos(Connection& db, UserId viewer,
                                       UserId owner, PageRequest page) {
  static const Sql kReach(
      fmt::format("SELECT {} FROM users WHERE id = ?2 AND NOT {}", Reach("?2"),
                  SeparatedByBlock("?2")));
  static const Sql kList(
      ShowPhotos("SELECT id FROM photos WHERE owner_id = ?2 AND id < ?3 "
                 "AND visibility <= ?4 ORDER BY id DESC LIMIT ?5",
                 "DESC"));
  const Snapshot snapshot(db);
  std::int64_t reach = 0;
  {
    Query query(db, kReach, viewer, owner);
    if (!query.Next()) return NoSuchUser();
    reach = query.Int(0);
  }
  Query query(db, kList, viewer, owner, Below(page), reach, RowsFor(page));
  return ReadPage<Photo>(query, page.limit, ReadPhoto);
}

namespace {

// The ids of a page of recent photos.
Page<PhotoId> ListRecentIds(Connection& db, UserId viewer, PageRequest page) {
  static const Sql kLook(
      fmt::format("SELECT id, {} FROM photos INDEXED BY photos_public "
                  "WHERE visibility = {} AND id < ?2 ORDER BY id DESC LIMIT {}",
                  SeparatedByBlock("owner_id"),
                  static_cast<int>(Visibility::kPublic), kRecentLookedAt));
  Query look(db, kLook, viewer, Below(page));
  Page<PhotoId> found;
  PhotoId last;
  int looked_at = 0;
  for (; look.Next(); ++looked_at) {
    if (const bool apart = look.Bool(1); !apart) {
      if (found.items.size() == static_cast<std::size_t>(page.limit)) {
        found.next = found.items.back().value;
        return found;
      }
      found.items.push_back(PhotoId{look.Int(0)});
    }
    last = PhotoId{look.Int(0)};
  }
  if (looked_at == kRecentLookedAt) found.next = last.value;
  return found;
}

}  // namespace

Page<Photo> ListRecentPhotos(Connection& db, UserId viewer, PageRequest page) {
  static const Sql kShow(
      ShowPhotos("SELECT value AS id FROM json_each(?2)", "DESC"));
  const Snapshot snapshot(db);
  const Page<PhotoId> found = ListRecentIds(db, viewer, page);
  Page<Photo> shown;
  shown.next = found.next;
  Query query(db, kShow, viewer, JsonArray(found.items));
  while (query.Next()) shown.items.push_back(ReadPhoto(query));
  return shown;
}

void ForEachPhotoRow(Connection& db, const std::vector<PhotoId>& ids,
                     absl::FunctionRef<void(PhotoRow)> use) {
  static const Sql kRead(fmt::format(
      "SELECT {}, p.like_count, p.comment_count, 0, p.hidden_like_count, "
      "p.hidden_comment_count FROM json_each(?1) wanted "
      "CROSS JOIN photos p ON p.id = wanted.value "
      "CROSS JOIN users o ON o.id = p.owner_id",
      kRowColumns));
  Query query(db, kRead, JsonArray(ids));
  while (query.Next()) {
    use(PhotoRow{ReadPhoto(query), query.Int32(17), query.Int32(18)});
  }
}

PhotoId LatestPhoto(Connection& db) {
  static const Sql kLatest("SELECT ifnull(max(id), 0) FROM photos");
  Query query(db, kLatest);
  query.Next();
  return PhotoId{query.Int(0)};
}

// The index photos_by_rendition_version has the order; no row is sorted.
std::vector<Photo> ListOutdated(Connection& db, std::int32_t version,
                                int limit) {
  static const Sql kList(fmt::format(
      "SELECT {}, {} "
      "FROM (SELECT id FROM photos INDEXED BY photos_by_rendition_version "
      "WHERE rendition_version < ?1 ORDER BY rendition_version, id DESC "
      "LIMIT ?2) page CROSS JOIN photos p ON p.id = page.id "
      "CROSS JOIN users o ON o.id = p.owner_id "
      "ORDER BY p.rendition_version, p.id DESC",
      kRowColumns, kPublicColumns));
  Query query(db, kList, version, limit);
  std::vector<Photo> photos;
  while (query.Next()) photos.push_back(ReadPhoto(query));
  return photos;
}

std::int64_t CountOutdated(Connection& db, std::int32_t version) {
  static const Sql kCount(
      "SELECT count(*) FROM photos INDEXED BY photos_by_rendition_version "
      "WHERE rendition_version < ?1");
  Query query(db, kCount, version);
  query.Next();
  return query.Int(0);
}

bool HasFileKey(Connection& db, std::string_view file_key) {
  static const Sql kFind("SELECT 1 FROM photos WHERE file_key = ?1");
  Query query(db, kFind, file_key);
  return query.Next();
}

absl::StatusOr<Photo> Apply(WriteTransaction& transaction,
                            const AddPhoto& command) {
  static const Sql kInsert(
      "INSERT INTO photos (id, owner_id, visibility, create_time, width, "
      "height, size_bytes, content_type, file_key, caption, alt_text, "
      "rendition_version, digests) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)");
  ASSIGN_OR_RETURN(
      const std::int64_t earlier,
      FindRequest(transaction.db, command.request, transaction.now));
  if (earlier != 0) {
    return FindPhoto(transaction.db, command.owner, PhotoId{earlier});
  }
  RETURN_IF_ERROR(CheckUser(transaction.db, command.owner, command.owner));
  RETURN_IF_ERROR(TakeUpload(transaction, command.file_key));
  const PhotoId id{transaction.NewId()};
  Query(transaction.db, kInsert, id, command.owner,
        static_cast<int>(command.visibility), transaction.now, command.width,
        command.height, command.size_bytes, command.content_type,
        command.file_key, command.caption, command.alt_text,
        command.rendition_version, ToBlob(command.digests))
      .Run();
  CountPhoto(transaction, command.owner, command.visibility, +1);
  ++transaction.changes.rows.photos;
  transaction.changes.feeds.push_back({command.owner, id, command.visibility});
  RememberRequest(transaction, command.request, id.value, command.owner);
  return FindPhoto(transaction.db, command.owner, id);
}

absl::StatusOr<Photo> Apply(WriteTransaction& transaction,
                            const UpdatePhoto& command) {
  static const Sql kUpdate(
      "UPDATE photos SET caption = ifnull(?2, caption), "
      "alt_text = ifnull(?3, alt_text), visibility = ?4 WHERE id = ?1");
  ASSIGN_OR_RETURN(const Photo photo,
                   FindOwnPhoto(transaction, command.actor, command.photo));
  const Visibility visibility = command.visibility.value_or(photo.visibility);
  Query(transaction.db, kUpdate, command.photo, command.caption,
        command.alt_text, static_cast<int>(visibility))
      .Run();
  transaction.changes.photos.push_back(photo.id);
  if (visibility != photo.visibility) {
    CountPhoto(transaction, photo.owner, photo.visibility, -1);
    CountPhoto(transaction, photo.owner, visibility, +1);
    transaction.changes.feeds.push_back({photo.owner, photo.id, visibility});
  }
  return FindPhoto(transaction.db, command.actor, command.photo);
}

absl::StatusOr<DeletePhoto::Result> Apply(WriteTransaction& transaction,
                                          const DeletePhoto& command) {
  static const Sql kLikes(
      "DELETE FROM likes WHERE (user_id, photo_id) IN "
      "(SELECT user_id, photo_id FROM likes WHERE photo_id = ?1)");
  static const Sql kComments("DELETE FROM comments WHERE photo_id = ?1");
  static const Sql kPhoto("DELETE FROM photos WHERE id = ?1");
  ASSIGN_OR_RETURN(Photo photo, FindPhotoToDelete(transaction, command.actor,
                                                  command.photo));
  DeletePhoto::Result result{photo.file_key};
  if (photo.owner != command.actor) {
    result.removal =
        RecordRemoval(transaction, command.actor, photo.owner,
                      {.kind = Removal::Kind::kPhoto, .photo = photo.id});
  }
  RemoveNotificationsOf(transaction, photo.owner, photo.id);
  Query(transaction.db, kLikes, photo.id).Run();
  Query(transaction.db, kComments, photo.id).Run();
  Query(transaction.db, kPhoto, photo.id).Run();
  CountPhoto(transaction, photo.owner, photo.visibility, -1);
  --transaction.changes.rows.photos;
  transaction.changes.photos.push_back(photo.id);
  transaction.changes.feeds.push_back(
      {photo.owner, photo.id, photo.visibility, /*deleted=*/true});
  AddGarbage(transaction, photo.file_key);
  return result;
}

absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const ReplacePhotoFiles& command) {
  static const Sql kFind("SELECT file_key FROM photos WHERE id = ?1");
  static const Sql kUpdate(
      "UPDATE photos SET file_key = ?2, width = ?3, height = ?4, "
      "content_type = ?5, rendition_version = ?6, digests = ?7 WHERE id = ?1");
  {
    Query query(transaction.db, kFind, command.photo);
    if (!query.Next() || query.Text(0) != command.old_file_key) {
      return NoSuchPhotoFiles();
    }
  }
  if (command.new_file_key != command.old_file_key) {
    RETURN_IF_ERROR(TakeUpload(transaction, command.new_file_key));
    AddGarbage(transaction, command.old_file_key);
  }
  Query(transaction.db, kUpdate, command.photo, command.new_file_key,
        command.width, command.height, command.content_type,
        command.rendition_version, ToBlob(command.digests))
      .Run();
  transaction.changes.photos.push_back(command.photo);
  return Nothing{};
}

absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const OutdateRenditions&) {
  static const Sql kUpdate(
      "UPDATE photos SET rendition_version = 0 WHERE rendition_version != 0");
  Query(transaction.db, kUpdate).Run();
  transaction.changes.everything = true;
  return Nothing{};
}

}  // namespace pinhole::store
