// SPDX-License-Identifier: Apache-2.0

// Commands: everything that can be written, as typed one-shot values.
//
// A command is applied whole or not at all, in one transaction together with
// what the store keeps about it (counts, notifications, request id), so it can
// be batched with others, retried, and replayed against a model.  Commands
// check what only the store can check without a race (does the photo still
// exist, may the actor see it); everything else the domain has checked before.
//
// "Visible" means: the photo exists; its owner and the viewer are not kept
// apart by a block; and it is the viewer's own, or public, or for followers and
// the viewer follows its owner.
//
// Under a visible photo its owner sees all likes and comments.  Other viewers
// do not see those of users whom they are kept apart from or whom the owner
// blocks. All counts are of what the viewer sees.

#ifndef PINHOLE_SERVER_STORE_COMMANDS_H_
#define PINHOLE_SERVER_STORE_COMMANDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "server/model/ids.h"
#include "server/model/photo.h"
#include "server/model/removal.h"
#include "server/model/social.h"
#include "server/model/user.h"

namespace pinhole {

// Makes a create safe to repeat.  While the store remembers `key` (24 h) a
// second command with it has no effect: with the same `fingerprint` it returns
// the first one's result, with another INVALID_ARGUMENT; NOT_FOUND if the first
// one's result has been deleted since.  An empty `key` means none was asked.
struct RequestKey {
  std::string key;          // SHA-256 over method, caller and request id.
  std::string fingerprint;  // SHA-256 over the request's content.
};

struct Nothing {};

// Errors: ALREADY_EXISTS (the handle is somebody's, or was that of an account
// deleted less than limits::kHandleReservation ago).
struct CreateUser {
  using Result = User;
  std::string handle;  // Normalized.
  std::string display_name;
  std::string password_hash;
  RequestKey request;
};

// Errors: NOT_FOUND.
struct UpdateUser {
  using Result = User;
  UserId user;
  std::optional<std::string> display_name;
  std::optional<std::string> bio;
};

// Removes the user and everything of theirs; other people's counts follow.  The
// photo files are recorded as garbage in the same transaction.  `actor` is none
// or the user, or an administrator, whose removal is recorded.
// Errors: NOT_FOUND, PERMISSION_DENIED (`actor` is not an administrator).
struct DeleteUser {
  struct Result {
    std::vector<std::string> file_keys;
    std::optional<Removal> removal = {};  // As it was recorded.
  };
  UserId user;
  UserId actor = {};
};

// Sets the hash and ends all sessions but `keep`.
// Errors: NOT_FOUND.
struct ChangePassword {
  using Result = Nothing;
  UserId user;
  std::string password_hash;
  SessionId keep;
};

// Makes the user an administrator, or an ordinary user again.  Idempotent.
// Errors: NOT_FOUND.
struct SetAdministrator {
  using Result = Nothing;
  UserId user;
  bool administrator = false;
};

// Replaces a session with the same token: a login repeated after its request
// key was forgotten has the token of the first one.
// Errors: NOT_FOUND (user), ABORTED (the password is not `password_hash` any
// more: it was changed while the login was checked).
struct CreateSession {
  using Result = Session;
  UserId user;
  std::string token_hash;
  absl::Time expire_time;
  std::string password_hash;
  RequestKey request;
};

// Errors: NOT_FOUND, also if the session is not `user`'s.
struct DeleteSession {
  using Result = Nothing;
  UserId user;
  SessionId session;
};

// Records that a session was used: moves its end to `expire_time`, never beyond
// 90 days after its begin.  Not an error if it is gone.
struct TouchSession {
  using Result = Nothing;
  SessionId session;
  absl::Time expire_time;
};

// Errors: NOT_FOUND (owner).
struct AddPhoto {
  using Result = Photo;
  UserId owner;
  std::string file_key;
  std::string caption;
  std::string alt_text;
  Visibility visibility = Visibility::kPublic;
  std::int32_t width = 0;
  std::int32_t height = 0;
  std::int64_t size_bytes = 0;
  std::string content_type;
  RequestKey request;
  std::int32_t rendition_version = 0;
  PhotoDigests digests = {};
};

// Errors: NOT_FOUND (not visible to `actor`), PERMISSION_DENIED (visible, but
// not theirs).
struct UpdatePhoto {
  using Result = Photo;
  UserId actor;
  PhotoId photo;
  std::optional<std::string> caption;
  std::optional<std::string> alt_text;
  std::optional<Visibility> visibility;
};

// Removes the row with likes, comments and notifications, and records the files
// as garbage.  An administrator may remove any photo, which is recorded unless
// it is their own.  Errors: as UpdatePhoto.
struct DeletePhoto {
  struct Result {
    std::string file_key;
    std::optional<Removal> removal = {};  // As it was recorded.
  };
  UserId actor;
  PhotoId photo;
};

// Gives a photo the files `new_file_key` in place of `old_file_key`, which are
// recorded as garbage, together with what was found out when they were made.
// With the same key twice the files stay and only the rest changes.
// Errors: NOT_FOUND (the photo is gone or has other files by now; no effect).
struct ReplacePhotoFiles {
  using Result = Nothing;
  PhotoId photo;
  std::string old_file_key;
  std::string new_file_key;
  std::int32_t width = 0;
  std::int32_t height = 0;
  std::string content_type;
  std::int32_t rendition_version = 0;
  PhotoDigests digests = {};
};

// Marks the renditions of all photos as outdated (version 0), so that they are
// rebuilt.  Takes seconds for a million photos: for a stopped server.
struct OutdateRenditions {
  using Result = Nothing;
};

// Forgets garbage whose files have been removed.
struct ForgetGarbage {
  using Result = Nothing;
  std::vector<std::string> file_keys;
};

// Idempotent.  A new follow notifies the followee.
// Errors: INVALID_ARGUMENT (oneself), NOT_FOUND (no such user, or a block
// between them), FAILED_PRECONDITION (limits::kMaxFollowing).
struct FollowUser {
  using Result = Relationship;
  UserId actor;
  UserId user;
};

// Idempotent; takes the notification back.
// Errors: NOT_FOUND (no such user, or a block between them).
struct UnfollowUser {
  using Result = Relationship;
  UserId actor;
  UserId user;
};

// Idempotent; ends follows in both directions.  Each of two users can block the
// other.
// Errors: INVALID_ARGUMENT (oneself), NOT_FOUND (no such user),
// FAILED_PRECONDITION (limits::kMaxBlocks).
struct BlockUser {
  using Result = Relationship;
  UserId actor;
  UserId user;
};

// Idempotent.  Lifts the block of `actor` only.
// Errors: INVALID_ARGUMENT (oneself), NOT_FOUND (no such user).
struct UnblockUser {
  using Result = Relationship;
  UserId actor;
  UserId user;
};

// Idempotent.  A new like of somebody else's photo notifies its owner.
// Errors: NOT_FOUND (not visible).
struct LikePhoto {
  using Result = LikeState;
  UserId actor;
  PhotoId photo;
};

// Idempotent; takes the notification back.  Errors: NOT_FOUND (not visible).
struct UnlikePhoto {
  using Result = LikeState;
  UserId actor;
  PhotoId photo;
};

// A comment on somebody else's photo notifies its owner.
// Errors: NOT_FOUND (not visible).
struct CreateComment {
  using Result = Comment;
  UserId actor;
  PhotoId photo;
  std::string text;
  RequestKey request;
};

// The comment's author, the photo's owner and administrators may, whatever they
// can see.  It is recorded if `actor` is neither author nor owner.
// Errors: NOT_FOUND (no such comment on that photo, or `actor` is none of these
// and does not see it), PERMISSION_DENIED (`actor` sees it, but is none of
// these).
struct DeleteComment {
  struct Result {
    std::optional<Removal> removal = {};  // As it was recorded.
  };
  UserId actor;
  PhotoId photo;
  CommentId comment;
};

// Marks `last` and all before it; all if `last` is none.  Not an error if the
// user is gone.
struct MarkNotificationsRead {
  using Result = Nothing;
  UserId user;
  NotificationId last;
};

// Removes sessions that ended, request keys older than
// limits::kRequestIdRetention and handles reserved for longer than
// limits::kHandleReservation, at most `limit` of each, the oldest first.
struct PurgeExpired {
  using Result = Nothing;
  int limit = 1000;
};

using Command =
    std::variant<CreateUser, UpdateUser, DeleteUser, ChangePassword,
                 SetAdministrator, CreateSession, DeleteSession, TouchSession,
                 AddPhoto, UpdatePhoto, DeletePhoto, ReplacePhotoFiles,
                 OutdateRenditions, ForgetGarbage, FollowUser, UnfollowUser,
                 BlockUser, UnblockUser, LikePhoto, UnlikePhoto, CreateComment,
                 DeleteComment, MarkNotificationsRead, PurgeExpired>;

// Holds the `Result` of the command executed.
using CommandResult = std::variant<Nothing, User, Session, Photo, Comment,
                                   Relationship, LikeState, DeleteUser::Result,
                                   DeletePhoto::Result, DeleteComment::Result>;

}  // namespace pinhole

#endif  // PINHOLE_SERVER_STORE_COMMANDS_H_
