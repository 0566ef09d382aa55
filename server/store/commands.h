// SPDX-License-Identifier: Apache-2.0

// Commands: all writes, as values.
//
// A command and its side effects (counts, notifications, request key) are one
// atomic change, so commands can be batched, retried, and replayed against a
// model.  A command checks only what cannot be checked elsewhere without a race
// (the photo exists, the actor may see it); the domain checks the rest before.
//
// A photo is visible to a viewer if it exists, no block separates the viewer
// and its owner, and it is the viewer's own, or public, or for followers and
// the viewer follows its owner.
//
// The owner of a visible photo sees all of its likes and comments.  Other
// viewers do not see those of users whom a block separates from them or whom
// the owner blocks.  Counts include only what the viewer sees.
//
// Text is valid UTF-8 without the character NUL.

#pragma once

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

// Makes a command that creates something idempotent.  For 24 hours a second
// command with the same `key` has no effect: it returns the result of the first
// one, or INVALID_ARGUMENT if `fingerprint` differs, or NOT_FOUND if the result
// was deleted since.  Commands with an empty `key` are not idempotent.
struct RequestKey {
  std::string key;          // SHA-256 over method, caller and request id.
  std::string fingerprint;  // SHA-256 over the request's content.
};

struct Nothing {};

// Errors: ALREADY_EXISTS (the handle is taken, or belonged to an account that
// was deleted less than limits::kHandleReservation ago).
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

// Removes the user with all of their content and updates the counts of others.
// The photo files are recorded as garbage.  `actor` is none, the user, or an
// administrator, whose removal is recorded.
// Errors: NOT_FOUND, PERMISSION_DENIED (`actor` is not an administrator).
struct DeleteUser {
  struct Result {
    std::vector<std::string> file_keys;
    std::optional<Removal> removal = {};  // As recorded.
  };
  UserId user;
  UserId actor = {};
};

// Sets the hash and ends all sessions except `keep`.
// Errors: NOT_FOUND.
struct ChangePassword {
  using Result = Nothing;
  UserId user;
  std::string password_hash;
  SessionId keep;
};

// Grants or revokes the administrator role.  Idempotent.
// Errors: NOT_FOUND.
struct SetAdministrator {
  using Result = Nothing;
  UserId user;
  bool administrator = false;
};

// Replaces a session with the same token, which a login has that is repeated
// after its request key was forgotten.
// Errors: NOT_FOUND (user), ABORTED (the password was changed while the login
// was checked: the hash is no longer `password_hash`).
struct CreateSession {
  using Result = Session;
  UserId user;
  std::string token_hash;
  absl::Time expire_time;
  std::string password_hash;
  RequestKey request;
};

// Errors: NOT_FOUND (no such session of `user`).
struct DeleteSession {
  using Result = Nothing;
  UserId user;
  SessionId session;
};

// Records that a session was used: sets its end to `expire_time`, but at most
// to limits::kSessionLifetime after its start.  OK if the session is gone.
struct TouchSession {
  using Result = Nothing;
  SessionId session;
  absl::Time expire_time;
};

// Records that the files `file_key` of an upload are about to be published.
// AddPhoto and ReplacePhotoFiles replace the record by the row of a photo;
// GiveUpUpload and, after limits::kUploadGrace, PurgeExpired turn it into
// garbage.  So every published file has a record at any moment, and a file that
// becomes garbage never becomes a photo's.
struct RecordUpload {
  using Result = Nothing;
  std::string file_key;
};

// Turns the files of a recorded upload into garbage, before they are removed.
// This settles whether the row of a photo was written, even if the outcome of
// that command is unknown or it still runs.
// Errors: NOT_FOUND (not recorded: the files may be a photo's).
struct GiveUpUpload {
  using Result = Nothing;
  std::string file_key;
};

// Errors: NOT_FOUND (owner), ABORTED (`file_key` is not recorded as an upload,
// or no longer).
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
// owned by another user).
struct UpdatePhoto {
  using Result = Photo;
  UserId actor;
  PhotoId photo;
  std::optional<std::string> caption;
  std::optional<std::string> alt_text;
  std::optional<Visibility> visibility;
};

// Removes the photo with its likes, comments and notifications, and records its
// files as garbage.  An administrator may remove any photo; the removal of
// another user's photo is recorded.  Errors: as UpdatePhoto.
struct DeletePhoto {
  struct Result {
    std::string file_key;
    std::optional<Removal> removal = {};  // As recorded.
  };
  UserId actor;
  PhotoId photo;
};

// Replaces the files `old_file_key` of a photo, which are recorded as garbage,
// by the upload `new_file_key`, and updates the properties that depend on the
// files.  If both keys are equal, only the properties change.  Errors:
// NOT_FOUND (the photo is gone or has other files), ABORTED (as AddPhoto).
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
// rebuilt.  Takes seconds for a million photos; meant for a stopped server.
struct OutdateRenditions {
  using Result = Nothing;
};

// Forgets garbage whose files have been removed.
struct ForgetGarbage {
  using Result = Nothing;
  std::vector<std::string> file_keys;
};

// Idempotent.  A new follow notifies the followee.
// Errors: INVALID_ARGUMENT (`user` is `actor`), NOT_FOUND (no such user, or a
// block separates them), FAILED_PRECONDITION (limits::kMaxFollowing).
struct FollowUser {
  using Result = Relationship;
  UserId actor;
  UserId user;
};

// Idempotent; removes the notification.
// Errors: NOT_FOUND (no such user, or a block separates them).
struct UnfollowUser {
  using Result = Relationship;
  UserId actor;
  UserId user;
};

// Idempotent; ends follows in both directions.  Two users can block each other.
// Errors: INVALID_ARGUMENT (`user` is `actor`), NOT_FOUND (no such user),
// FAILED_PRECONDITION (limits::kMaxBlocks).
struct BlockUser {
  using Result = Relationship;
  UserId actor;
  UserId user;
};

// Idempotent.  A block of `actor` by `user` remains.
// Errors: INVALID_ARGUMENT (`user` is `actor`), NOT_FOUND (no such user).
struct UnblockUser {
  using Result = Relationship;
  UserId actor;
  UserId user;
};

// Idempotent.  A new like of another user's photo notifies its owner.
// Errors: NOT_FOUND (not visible).
struct LikePhoto {
  using Result = LikeState;
  UserId actor;
  PhotoId photo;
};

// Idempotent; removes the notification.  Errors: NOT_FOUND (not visible).
struct UnlikePhoto {
  using Result = LikeState;
  UserId actor;
  PhotoId photo;
};

// A comment on another user's photo notifies its owner.
// Errors: NOT_FOUND (not visible).
struct CreateComment {
  using Result = Comment;
  UserId actor;
  PhotoId photo;
  std::string text;
  RequestKey request;
};

// The comment's author, the photo's owner and administrators may delete a
// comment even if they cannot see it.  A removal by an administrator who is
// neither author nor owner is recorded.
// Errors for other actors: PERMISSION_DENIED (the comment is visible),
// NOT_FOUND (it is not).  For all: NOT_FOUND (no such comment on that photo).
struct DeleteComment {
  struct Result {
    std::optional<Removal> removal = {};  // As recorded.
  };
  UserId actor;
  PhotoId photo;
  CommentId comment;
};

// Marks `last` and all earlier notifications, or all if `last` is none.  OK if
// the user is gone.
struct MarkNotificationsRead {
  using Result = Nothing;
  UserId user;
  NotificationId last;
};

// Removes expired sessions, request keys older than limits::kRequestIdRetention
// and handle reservations older than limits::kHandleReservation, and turns the
// files of uploads older than limits::kUploadGrace into garbage; at most
// `limit` of each, the oldest first.
struct PurgeExpired {
  using Result = Nothing;
  int limit = 1000;
};

using Command =
    std::variant<CreateUser, UpdateUser, DeleteUser, ChangePassword,
                 SetAdministrator, CreateSession, DeleteSession, TouchSession,
                 RecordUpload, GiveUpUpload, AddPhoto, UpdatePhoto, DeletePhoto,
                 ReplacePhotoFiles, OutdateRenditions, ForgetGarbage,
                 FollowUser, UnfollowUser, BlockUser, UnblockUser, LikePhoto,
                 UnlikePhoto, CreateComment, DeleteComment,
                 MarkNotificationsRead, PurgeExpired>;

// The `Result` of a command.
using CommandResult = std::variant<Nothing, User, Session, Photo, Comment,
                                   Relationship, LikeState, DeleteUser::Result,
                                   DeletePhoto::Result, DeleteComment::Result>;

}  // namespace pinhole
