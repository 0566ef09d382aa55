// SPDX-License-Identifier: Apache-2.0

#include "tests/support/model_store/view.h"

#include <algorithm>
#include <optional>

#include "base/errors.h"
#include "base/status_macros.h"

namespace pinhole::testing::model {
namespace {

std::int64_t KeyOf(std::int64_t id) { return id; }
template <typename Tag>
std::int64_t KeyOf(Id<Tag> id) {
  return id.value;
}

// A page of the rows from `row` to `end` for which `where` holds.
template <typename T, typename Iterator, typename Where, typename Show>
Page<T> Cut(Iterator row, Iterator end, int limit, Where where, Show show) {
  Page<T> page;
  std::int64_t last = 0;
  for (; row != end; ++row) {
    if (!where(*row)) continue;
    if (page.items.size() == static_cast<std::size_t>(limit)) {
      page.next = last;
      break;
    }
    page.items.push_back(show(*row));
    last = KeyOf(row->id);
  }
  return page;
}

template <typename T, typename Table, typename Where, typename Show>
Page<T> LatestFirst(const Table& rows, PageRequest page, Where where,
                    Show show) {
  return Cut<T>(
      rows.rbegin(), rows.rend(), page.limit,
      [&](const auto& row) {
        return (page.after == 0 || KeyOf(row.id) < page.after) && where(row);
      },
      show);
}

template <typename T, typename Table, typename Where, typename Show>
Page<T> OldestFirst(const Table& rows, PageRequest page, Where where,
                    Show show) {
  return Cut<T>(
      rows.begin(), rows.end(), page.limit,
      [&](const auto& row) { return KeyOf(row.id) > page.after && where(row); },
      show);
}

}  // namespace

absl::Status NoSuchUser() {
  return MakeError(Reason::kUserNotFound, "there is no such user");
}

absl::Status NoSuchPhoto() {
  return MakeError(Reason::kPhotoNotFound, "there is no such photo");
}

const UserRow& UserOf(const Rows& rows, UserId user) {
  return *Find(rows.users, [&](const UserRow& u) { return u.id == user; });
}

bool IsAdministrator(const Rows& rows, UserId user) {
  return Any(rows.users,
             [&](const UserRow& u) { return u.id == user && u.administrator; });
}

Session ShowSession(const Rows& rows, Session session) {
  const UserRow& user = UserOf(rows, session.user);
  session.handle = user.handle;
  session.administrator = user.administrator;
  return session;
}

bool View::SeparatedByBlock(UserId user) const {
  return Any(rows_.blocks, [&](const BlockRow& b) {
    return (b.blocker == viewer_ && b.blocked == user) ||
           (b.blocker == user && b.blocked == viewer_);
  });
}

bool View::Follows(UserId follower, UserId followee) const {
  return Any(rows_.follows, [&](const FollowRow& f) {
    return f.follower == follower && f.followee == followee;
  });
}

Visibility View::Reach(UserId owner) const {
  if (owner == viewer_) return Visibility::kPrivate;
  return Follows(viewer_, owner) ? Visibility::kFollowers : Visibility::kPublic;
}

bool View::Sees(const Photo& photo) const {
  return photo.visibility <= Reach(photo.owner) &&
         !SeparatedByBlock(photo.owner);
}

bool View::SeesUnder(const Photo& photo, UserId user) const {
  const bool blocked_by_owner = Any(rows_.blocks, [&](const BlockRow& b) {
    return b.blocker == photo.owner && b.blocked == user;
  });
  return photo.owner == viewer_ ||
         (!SeparatedByBlock(user) && !blocked_by_owner);
}

bool View::InFeed(const Photo& photo) const {
  return Sees(photo) &&
         (photo.owner == viewer_ || Follows(viewer_, photo.owner));
}

absl::Status View::CheckUser(UserId user) const {
  return FindUser(user).status();
}

absl::Status View::CheckPhoto(PhotoId photo) const {
  return FindPhoto(photo).status();
}

User View::Show(const UserRow& user) const {
  User shown;
  shown.id = user.id;
  shown.handle = user.handle;
  shown.display_name = user.display_name;
  shown.bio = user.bio;
  shown.create_time = user.create_time;
  shown.photo_count = Count(rows_.photos, [&](const Photo& p) {
    return p.owner == user.id && p.visibility <= Reach(user.id);
  });
  shown.follower_count = Count(rows_.follows, [&](const FollowRow& f) {
    return f.followee == user.id && !SeparatedByBlock(f.follower);
  });
  shown.following_count = Count(rows_.follows, [&](const FollowRow& f) {
    return f.follower == user.id && !SeparatedByBlock(f.followee);
  });
  shown.following = Follows(viewer_, user.id);
  shown.followed_by = Follows(user.id, viewer_);
  return shown;
}

Photo View::Show(const Photo& photo) const {
  Photo shown = photo;
  shown.owner_handle = UserOf(rows_, photo.owner).handle;
  shown.like_count = Count(rows_.likes, [&](const LikeRow& l) {
    return l.photo == photo.id && SeesUnder(photo, l.user);
  });
  shown.comment_count = Count(rows_.comments, [&](const CommentRow& c) {
    return c.photo == photo.id && SeesUnder(photo, c.author);
  });
  shown.liked = Any(rows_.likes, [&](const LikeRow& l) {
    return l.photo == photo.id && l.user == viewer_;
  });
  return shown;
}

Comment View::Show(const CommentRow& comment) const {
  const UserRow& author = UserOf(rows_, comment.author);
  return Comment{comment.id,          comment.photo, author.handle,
                 author.display_name, comment.text,  comment.create_time};
}

absl::StatusOr<User> View::FindUser(UserId user) const {
  const UserRow* const row =
      Find(rows_.users, [&](const UserRow& u) { return u.id == user; });
  if (row == nullptr || SeparatedByBlock(row->id)) return NoSuchUser();
  return Show(*row);
}

absl::StatusOr<User> View::FindUser(std::string_view handle) const {
  const UserRow* const row =
      Find(rows_.users, [&](const UserRow& u) { return u.handle == handle; });
  if (row == nullptr) return NoSuchUser();
  return FindUser(row->id);
}

std::vector<User> View::SearchUsers(std::string_view prefix,
                                    std::string_view after, int limit) const {
  std::vector<User> users;
  for (const UserRow& user : rows_.users) {
    if (user.handle.starts_with(prefix) && user.handle > after &&
        !SeparatedByBlock(user.id)) {
      users.push_back(Show(user));
    }
  }
  std::sort(users.begin(), users.end(),
            [](const User& a, const User& b) { return a.handle < b.handle; });
  users.resize(std::min(users.size(), static_cast<std::size_t>(limit)));
  return users;
}

absl::StatusOr<Page<User>> View::ListFollowers(UserId user,
                                               PageRequest page) const {
  RETURN_IF_ERROR(CheckUser(user));
  return LatestFirst<User>(
      rows_.follows, page,
      [&](const FollowRow& f) {
        return f.followee == user && !SeparatedByBlock(f.follower);
      },
      [&](const FollowRow& f) { return Show(UserOf(rows_, f.follower)); });
}

absl::StatusOr<Page<User>> View::ListFollowing(UserId user,
                                               PageRequest page) const {
  RETURN_IF_ERROR(CheckUser(user));
  return LatestFirst<User>(
      rows_.follows, page,
      [&](const FollowRow& f) {
        return f.follower == user && !SeparatedByBlock(f.followee);
      },
      [&](const FollowRow& f) { return Show(UserOf(rows_, f.followee)); });
}

absl::StatusOr<Photo> View::FindPhoto(PhotoId photo) const {
  const Photo* const row =
      Find(rows_.photos, [&](const Photo& p) { return p.id == photo; });
  if (row == nullptr || !Sees(*row)) return NoSuchPhoto();
  return Show(*row);
}

absl::StatusOr<Page<Photo>> View::ListPhotos(UserId owner,
                                             PageRequest page) const {
  RETURN_IF_ERROR(CheckUser(owner));
  return LatestFirst<Photo>(
      rows_.photos, page,
      [&](const Photo& p) { return p.owner == owner && Sees(p); },
      [&](const Photo& p) { return Show(p); });
}

Page<Photo> View::ListRecentPhotos(PageRequest page) const {
  return LatestFirst<Photo>(
      rows_.photos, page,
      [&](const Photo& p) {
        return p.visibility == Visibility::kPublic && Sees(p);
      },
      [&](const Photo& p) { return Show(p); });
}

Page<Photo> View::ListFeed(PageRequest page) const {
  return LatestFirst<Photo>(
      rows_.photos, page, [&](const Photo& p) { return InFeed(p); },
      [&](const Photo& p) { return Show(p); });
}

std::vector<Photo> View::ListFeedSince(PhotoId after, int limit) const {
  return OldestFirst<Photo>(
             rows_.photos, PageRequest{after.value, limit},
             [&](const Photo& p) { return InFeed(p); },
             [&](const Photo& p) { return Show(p); })
      .items;
}

absl::StatusOr<Page<Like>> View::ListLikes(PhotoId photo,
                                           PageRequest page) const {
  ASSIGN_OR_RETURN(const Photo shown, FindPhoto(photo));
  return LatestFirst<Like>(
      rows_.likes, page,
      [&](const LikeRow& l) {
        return l.photo == photo && SeesUnder(shown, l.user);
      },
      [&](const LikeRow& l) {
        const UserRow& user = UserOf(rows_, l.user);
        return Like{user.handle, user.display_name, l.create_time};
      });
}

absl::StatusOr<Page<Comment>> View::ListComments(PhotoId photo,
                                                 PageRequest page) const {
  ASSIGN_OR_RETURN(const Photo shown, FindPhoto(photo));
  return OldestFirst<Comment>(
      rows_.comments, page,
      [&](const CommentRow& c) {
        return c.photo == photo && SeesUnder(shown, c.author);
      },
      [&](const CommentRow& c) { return Show(c); });
}

Page<std::string> View::ListBlocks(PageRequest page) const {
  return LatestFirst<std::string>(
      rows_.blocks, page,
      [&](const BlockRow& b) { return b.blocker == viewer_; },
      [&](const BlockRow& b) { return UserOf(rows_, b.blocked).handle; });
}

// The notifications of the user, oldest first.
std::vector<Notification> View::Notifications(const UserRow& user) const {
  using Kind = Notification::Kind;
  std::vector<Notification> told;
  const auto tell = [&](std::int64_t id, Kind kind, UserId actor, PhotoId photo,
                        CommentId comment, absl::Time time) {
    if (actor == user.id || SeparatedByBlock(actor)) return;
    told.push_back(Notification{NotificationId{id}, kind,
                                UserOf(rows_, actor).handle, photo, comment,
                                time, id <= user.last_read_id});
  };
  const auto own = [&](PhotoId photo) {
    return Any(rows_.photos, [&](const Photo& p) {
      return p.id == photo && p.owner == user.id;
    });
  };
  for (const FollowRow& f : rows_.follows) {
    if (f.followee != user.id) continue;
    tell(f.id, Kind::kFollow, f.follower, {}, {}, f.create_time);
  }
  for (const LikeRow& l : rows_.likes) {
    if (own(l.photo))
      tell(l.id, Kind::kLike, l.user, l.photo, {}, l.create_time);
  }
  for (const CommentRow& c : rows_.comments) {
    if (!own(c.photo)) continue;
    tell(c.id.value, Kind::kComment, c.author, c.photo, c.id, c.create_time);
  }
  std::sort(told.begin(), told.end(),
            [](const auto& a, const auto& b) { return a.id < b.id; });
  return told;
}

Page<Notification> View::ListNotifications(PageRequest page) const {
  const UserRow* const user =
      Find(rows_.users, [&](const UserRow& u) { return u.id == viewer_; });
  if (user == nullptr) return {};
  return LatestFirst<Notification>(
      Notifications(*user), page, [](const Notification&) { return true; },
      [](const Notification& n) { return n; });
}

Page<Removal> View::ListRemovals(PageRequest page) const {
  return LatestFirst<Removal>(
      rows_.removals, page, [](const Removal&) { return true; },
      [](const Removal& r) { return r; });
}

Page<Session> View::ListSessions(PageRequest page, absl::Time now) const {
  return LatestFirst<Session>(
      rows_.sessions, page,
      [&](const Session& s) {
        return s.user == viewer_ && s.expire_time > now;
      },
      [&](const Session& s) { return ShowSession(rows_, s); });
}

}  // namespace pinhole::testing::model
