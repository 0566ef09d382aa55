// SPDX-License-Identifier: Apache-2.0

#include "server/store/store_errors.h"

#include "absl/time/time.h"
#include "base/errors.h"
#include "fmt/format.h"
#include "server/model/limits.h"

namespace pinhole::store {

absl::Status NoSuchUser() {
  return MakeError(Reason::kUserNotFound, "there is no such user");
}

absl::Status NoSuchPhoto() {
  return MakeError(Reason::kPhotoNotFound, "there is no such photo");
}

absl::Status NoSuchComment() {
  return MakeError(Reason::kCommentNotFound, "there is no such comment");
}

absl::Status NoSuchSession() {
  return MakeError(Reason::kSessionNotFound, "there is no such session");
}

absl::Status NoSuchPhotoFiles() {
  return absl::NotFoundError("there is no photo with this id and these files");
}

absl::Status NoSuchUpload() {
  return absl::NotFoundError("there is no upload with these files");
}

absl::Status UploadGivenUp() {
  return absl::AbortedError(
      "the upload was given up because it took too long; repeat it");
}

absl::Status AccountNotOwned() {
  return MakeError(Reason::kAccountNotOwned,
                   "the account belongs to another user");
}

absl::Status PhotoNotOwned() {
  return MakeError(Reason::kPhotoNotOwned, "the photo belongs to another user");
}

absl::Status CommentNotOwned() {
  return MakeError(
      Reason::kCommentNotOwned,
      "only the author of a comment and the owner of the photo can delete it");
}

absl::Status IsCaller() {
  return InvalidField("name", "must not be the caller");
}

absl::Status TooManyFollowed() {
  return MakeError(
      Reason::kTooManyFollowed,
      fmt::format("you can follow at most {} users; unfollow one first",
                  limits::kMaxFollowing));
}

absl::Status TooManyBlocked() {
  return MakeError(
      Reason::kTooManyBlocked,
      fmt::format("you can block at most {} users; unblock one first",
                  limits::kMaxBlocks));
}

absl::Status HandleTaken(std::string_view handle) {
  return MakeError(Reason::kHandleTaken,
                   fmt::format("the handle {} is taken", handle));
}

absl::Status HandleReserved(std::string_view handle) {
  return MakeError(
      Reason::kHandleReserved,
      fmt::format("the handle {} belonged to a deleted account; it can be "
                  "taken again {} days after the deletion",
                  handle, limits::kHandleReservation / absl::Hours(24)));
}

absl::Status PasswordChanged() {
  return absl::AbortedError("the password was changed during the login");
}

absl::Status RequestReused() {
  return InvalidField("request_id",
                      "was used before for a request with other content",
                      Reason::kRequestIdReused);
}

absl::Status StoreClosed() {
  return MakeError(Reason::kShuttingDown, "the store is closed");
}

absl::Status DatabaseUnavailable() {
  return WithRetryDelay(
      MakeError(Reason::kStorageUnavailable,
                "the database cannot be used at the moment; retry later"),
      absl::Seconds(1));
}

absl::Status WriteExpired() {
  return MakeError(
      Reason::kWriteExpired,
      "the deadline passed while the write was waiting; it has no effect");
}

}  // namespace pinhole::store
