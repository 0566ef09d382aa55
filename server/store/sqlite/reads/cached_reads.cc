// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/reads/cached_reads.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/status_macros.h"
#include "server/store/sqlite/db/page.h"
#include "server/store/sqlite/db/query.h"
#include "server/store/sqlite/tables/feed.h"
#include "server/store/sqlite/tables/follows.h"
#include "server/store/sqlite/tables/likes.h"
#include "server/store/sqlite/tables/sessions.h"
#include "server/store/sqlite/tables/users.h"
#include "server/store/store_errors.h"

namespace pinhole::store {
namespace {

// Photos need most of the memory.
constexpr std::size_t kShareOfPhotos = 2;
constexpr std::size_t kShareOfOthers = 12;

// Whether a user who follows more users than this follows the viewer is queried
// (one probe), to avoid loading all of these follows into memory.
constexpr std::int32_t kFewFollowed = 1000;

std::size_t TextBytes(const User& user) {
  return user.handle.capacity() + user.display_name.capacity() +
         user.bio.capacity();
}

std::size_t TextBytes(const Photo& photo) {
  return photo.owner_handle.capacity() + photo.file_key.capacity() +
         photo.caption.capacity() + photo.alt_text.capacity() +
         photo.content_type.capacity();
}

// As in tables/visibility.h, for a viewer without blocks.
Visibility Reach(UserId viewer, const ViewerTies& ties, UserId owner) {
  if (viewer && viewer == owner) return Visibility::kPrivate;
  return ties.Follows(owner) ? Visibility::kFollowers : Visibility::kPublic;
}

// The page of photos from its rows and one more.
Page<Photo> ToPage(UserId viewer, PageRequest request,
                   const std::vector<PhotoId>& ids,
                   const std::vector<std::shared_ptr<const PhotoRow>>& rows) {
  Page<Photo> page;
  const auto limit = static_cast<std::size_t>(request.limit);
  if (ids.size() > limit) page.next = ids[limit - 1].value;
  page.items.reserve(std::min(limit, rows.size()));
  for (std::size_t i = 0; i < std::min(limit, rows.size()); ++i) {
    // Deleted or hidden by a commit that the window does not include yet.
    if (rows[i] == nullptr) continue;
    const Photo& photo = rows[i]->photo;
    if (photo.owner != viewer && photo.visibility > Visibility::kFollowers) {
      continue;
    }
    page.items.push_back(rows[i]->SeenBy(viewer));
  }
  return page;
}

// Sets `liked`; false if `likes` does not reach back to all of `photos`.
bool MarkFrom(const LikedPhotos& likes, std::vector<Photo>& photos) {
  for (Photo& photo : photos) {
    const std::optional<bool> known = likes.Contains(photo.id);
    if (!known) return false;
    photo.liked = *known;
  }
  return true;
}

}  // namespace

CachedReads::CachedReads(std::size_t max_bytes)
    : sessions_(max_bytes / kShareOfOthers),
      handles_(max_bytes / kShareOfOthers),
      users_(max_bytes / kShareOfOthers),
      photos_(max_bytes / kShareOfPhotos),
      ties_(max_bytes / kShareOfOthers),
      windows_(max_bytes / kShareOfOthers),
      likes_(max_bytes / kShareOfOthers) {}

void CachedReads::Forget(const Changes& changes) {
  if (changes.everything) {
    sessions_.Clear();
    handles_.Clear();
    users_.Clear();
    photos_.Clear();
    ties_.Clear();
    windows_.Clear();
    likes_.Clear();
    return;
  }
  for (const std::string& session : changes.sessions) sessions_.Erase(session);
  for (const UserId user : changes.users) users_.Erase(user);
  for (const PhotoId photo : changes.photos) photos_.Erase(photo);
  for (const UserId user : changes.ties) {
    ties_.Erase(user);
    windows_.Erase(user);
  }
  for (const LikeChange& change : changes.likes) {
    // Sets the new count instead of adding one: the row may have been read
    // after the commit.
    photos_.Update(change.photo, [&change](PhotoRow& row) {
      row.photo.like_count = change.like_count;
      return sizeof(PhotoRow) + TextBytes(row.photo);
    });
    likes_.Update(change.user, [&change](LikedPhotos& likes) {
      change.liked ? likes.Add(change.photo) : likes.Remove(change.photo);
      return sizeof(LikedPhotos) + likes.bytes();
    });
  }
  feed_log_.Append(changes.feeds);
}

std::optional<Session> CachedReads::PeekSession(std::string_view token_hash,
                                                absl::Time now) {
  const auto session = sessions_.Find(std::string(token_hash));
  if (session == nullptr || session->expire_time <= now) return std::nullopt;
  return *session;
}

absl::StatusOr<Session> CachedReads::FindSession(Connection& db,
                                                 std::string_view token_hash,
                                                 absl::Time now) {
  const auto ticket = sessions_.Begin(std::string(token_hash));
  ASSIGN_OR_RETURN(Session session, store::FindSession(db, token_hash, now));
  sessions_.Put(ticket, session.token_hash,
                std::make_shared<const Session>(session),
                sizeof(Session) + 2 * session.token_hash.capacity());
  return session;
}

absl::StatusOr<User> CachedReads::FindUser(Connection& db, UserId viewer,
                                           UserId user) {
  const auto ties = TiesOf(db, viewer);
  if (ties->has_blocks) return store::FindUser(db, viewer, user);
  const auto row = RowOf(db, user);
  if (row == nullptr) return NoSuchUser();
  User seen = row->user;
  const Visibility reach = Reach(viewer, *ties, user);
  seen.photo_count = row->public_photos;
  if (reach >= Visibility::kFollowers)
    seen.photo_count += row->followers_photos;
  if (reach >= Visibility::kPrivate) seen.photo_count += row->private_photos;
  seen.following = ties->Follows(user);
  seen.followed_by = viewer && viewer != user && Follows(db, seen, viewer);
  return seen;
}

absl::StatusOr<User> CachedReads::FindUser(Connection& db, UserId viewer,
                                           std::string_view handle) {
  const std::string key(handle);
  if (const auto known = handles_.Find(key)) {
    return FindUser(db, viewer, *known);
  }
  const auto ticket = handles_.Begin(key);
  ASSIGN_OR_RETURN(const User user, store::FindUser(db, viewer, handle));
  handles_.Put(ticket, key, std::make_shared<const UserId>(user.id),
               sizeof(UserId) + 2 * key.capacity());
  return user;
}

absl::StatusOr<Photo> CachedReads::FindPhoto(Connection& db, UserId viewer,
                                             PhotoId photo) {
  const auto ties = TiesOf(db, viewer);
  if (ties->has_blocks) return store::FindPhoto(db, viewer, photo);
  const PhotoRef row = RowOf(db, photo);
  if (row == nullptr ||
      row->photo.visibility > Reach(viewer, *ties, row->photo.owner)) {
    return NoSuchPhoto();
  }
  Photo seen = row->SeenBy(viewer);
  seen.liked = viewer && Likes(db, viewer, photo);
  return seen;
}

std::optional<Page<Photo>> CachedReads::PeekFeed(UserId viewer,
                                                 PageRequest page) {
  const auto ties = ties_.Find(viewer);
  if (ties == nullptr || ties->has_blocks) return std::nullopt;
  const auto ids = PeekFeedIds(viewer, *ties, page);
  if (!ids) return std::nullopt;
  const std::vector<PhotoRef> rows = PeekRows(*ids);
  if (std::find(rows.begin(), rows.end(), nullptr) != rows.end()) {
    return std::nullopt;
  }
  Page<Photo> found = ToPage(viewer, page, *ids, rows);
  if (found.items.empty()) return found;
  const auto likes = likes_.Find(viewer);
  if (likes == nullptr || !MarkFrom(*likes, found.items)) return std::nullopt;
  return found;
}

Page<Photo> CachedReads::ListFeed(Connection& db, UserId viewer,
                                  PageRequest page) {
  const auto ties = TiesOf(db, viewer);
  if (ties->has_blocks) return store::ListFeed(db, viewer, page);
  const auto ids = PeekFeedIds(viewer, *ties, page);
  if (!ids) {
    if (page.after == 0) MakeWindow(db, viewer);
    return store::ListFeed(db, viewer, page);
  }
  std::vector<PhotoRef> rows = PeekRows(*ids);
  ReadMissingRows(db, *ids, rows);
  Page<Photo> found = ToPage(viewer, page, *ids, rows);
  MarkLiked(db, viewer, found.items);
  return found;
}

void CachedReads::AddTo(SqliteStats& stats) const {
  stats.caches = {sessions_.Stats(), handles_.Stats(), users_.Stats(),
                  photos_.Stats(),   ties_.Stats(),    windows_.Stats(),
                  likes_.Stats()};
}

std::shared_ptr<const ViewerTies> CachedReads::TiesOf(Connection& db,
                                                      UserId viewer) {
  static const auto& stranger =
      *new auto(std::make_shared<const ViewerTies>());  // Never destroyed.
  if (!viewer) return stranger;
  if (auto known = ties_.Find(viewer)) return known;
  const auto ticket = ties_.Begin(viewer);
  auto ties = std::make_shared<const ViewerTies>(ReadTies(db, viewer));
  ties_.Put(ticket, viewer, ties,
            sizeof(ViewerTies) + ties->followees.capacity() * sizeof(UserId));
  return ties;
}

std::shared_ptr<const CachedReads::UserRow> CachedReads::RowOf(Connection& db,
                                                               UserId user) {
  static const Sql kRead(
      "SELECT id, handle, display_name, bio, create_time, 0, follower_count, "
      "following_count, 0, 0, public_photo_count, followers_photo_count, "
      "private_photo_count FROM users WHERE id = ?1");
  if (auto known = users_.Find(user)) return known;
  const auto ticket = users_.Begin(user);
  Query query(db, kRead, user);
  if (!query.Next()) return nullptr;
  auto row = std::make_shared<const UserRow>(UserRow{
      ReadUser(query, 0), query.Int32(10), query.Int32(11), query.Int32(12)});
  users_.Put(ticket, user, row, sizeof(UserRow) + TextBytes(row->user));
  return row;
}

CachedReads::PhotoRef CachedReads::RowOf(Connection& db, PhotoId photo) {
  if (auto known = photos_.Find(photo)) return known;
  std::vector<PhotoRef> row(1);
  ReadMissingRows(db, {photo}, row);
  return row[0];
}

std::shared_ptr<const LikedPhotos> CachedReads::LikesOf(Connection& db,
                                                        UserId viewer) {
  if (auto known = likes_.Find(viewer)) return known;
  const auto ticket = likes_.Begin(viewer);
  auto likes = std::make_shared<const LikedPhotos>(
      ListLikedIds(db, viewer, static_cast<int>(LikedPhotos::kLength)));
  likes_.Put(ticket, viewer, likes, sizeof(LikedPhotos) + likes->bytes());
  return likes;
}

bool CachedReads::Follows(Connection& db, const User& follower,
                          UserId followee) {
  if (follower.following_count > kFewFollowed) {
    return store::Follows(db, follower.id, followee);
  }
  return TiesOf(db, follower.id)->Follows(followee);
}

bool CachedReads::Likes(Connection& db, UserId viewer, PhotoId photo) {
  const std::optional<bool> known = LikesOf(db, viewer)->Contains(photo);
  return known ? *known : store::Likes(db, viewer, photo);
}

void CachedReads::MarkLiked(Connection& db, UserId viewer,
                            std::vector<Photo>& photos) {
  if (photos.empty() || MarkFrom(*LikesOf(db, viewer), photos)) return;
  store::MarkLiked(db, viewer, photos);
}

std::optional<std::vector<PhotoId>> CachedReads::PeekFeedIds(
    UserId viewer, const ViewerTies& ties, PageRequest page) {
  const auto ticket = windows_.Begin(viewer);
  const auto window = windows_.Find(viewer);
  if (window == nullptr) return std::nullopt;
  const auto changes = feed_log_.Since(window->next_change());
  if (!changes) return std::nullopt;
  if (changes->empty()) return window->Find(page);
  auto newer = std::make_shared<FeedWindow>(*window);
  newer->Follow(viewer, ties, *changes);
  windows_.Put(ticket, viewer, newer, sizeof(FeedWindow) + newer->bytes());
  return newer->Find(page);
}

std::vector<CachedReads::PhotoRef> CachedReads::PeekRows(
    const std::vector<PhotoId>& ids) {
  std::vector<PhotoRef> rows;
  rows.reserve(ids.size());
  for (const PhotoId id : ids) rows.push_back(photos_.Find(id));
  return rows;
}

void CachedReads::ReadMissingRows(Connection& db,
                                  const std::vector<PhotoId>& ids,
                                  std::vector<PhotoRef>& rows) {
  struct Missing {
    std::size_t index;
    Cache<PhotoId, PhotoRow>::Ticket ticket;
  };
  absl::flat_hash_map<PhotoId, Missing> missing;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (rows[i] != nullptr) continue;
    missing.emplace(ids[i], Missing{i, photos_.Begin(ids[i])});
  }
  if (missing.empty()) return;
  std::vector<PhotoId> wanted;
  for (const auto& [id, unused] : missing) wanted.push_back(id);
  ForEachPhotoRow(db, wanted, [&](PhotoRow row) {
    const PhotoId id = row.photo.id;
    const Missing& place = missing.at(id);
    const std::size_t bytes = sizeof(PhotoRow) + TextBytes(row.photo);
    rows[place.index] = std::make_shared<const PhotoRow>(std::move(row));
    photos_.Put(place.ticket, id, rows[place.index], bytes);
  });
}

void CachedReads::MakeWindow(Connection& db, UserId viewer) {
  const auto ticket = windows_.Begin(viewer);
  const std::uint64_t next_change = feed_log_.end();
  auto window = std::make_shared<const FeedWindow>(
      ListFeedIds(db, viewer, FeedWindow::kLength), next_change);
  windows_.Put(ticket, viewer, window, sizeof(FeedWindow) + window->bytes());
}

}  // namespace pinhole::store
