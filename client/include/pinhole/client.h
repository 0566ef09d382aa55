// SPDX-License-Identifier: Apache-2.0

// The client library of Pinhole:
//
//   Client client("127.0.0.1:50051");
//   auto session = client.Login("ansel", "a long password");
//   auto photo = client.UploadPhoto("half-dome.jpg", {.caption = "Half Dome"});
//   auto feed = client.Feed();
//   for (const auto& entry : feed) ...
//
// Each call returns a value or a status, whose details errors.h extracts.

#pragma once

#if __cplusplus < 202002L
#error "Pinhole's client requires C++20: compile with -std=c++20"
#endif

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "pinhole/connection.h"
#include "pinhole/errors.h"
#include "pinhole/listing.h"
#include "pinhole/requests.h"

namespace pinhole::client {

// A synchronous client.  Copies share the connection, but each has its own
// session.  Thread-safe, except for assignment and for the calls that change
// the session (Login, Logout, set_token).
//
// Calls that fail with a transient error are retried according to
// Options::retry if that is safe.  Users are named by handle or "users/HANDLE"
// ("me" is the caller), photos by "photos/ID" or ID; calls with an invalid name
// fail with INVALID_ARGUMENT without contacting the server.
//
// Lists come in two forms: with the maximum number of entries, as a vector, and
// without it, to be read page by page in a loop (see listing.h).
class Client {
 public:
  explicit Client(const std::string& target, Options options = {});

  const std::string& token() const { return connection_.token(); }
  void set_token(std::string token);

  // The connection, for calls that this class does not provide.
  const Connection& connection() const { return connection_; }

  // Accounts.  Register does not sign in.  Login stores the token for later
  // calls.  Logout removes it, even if the call fails.
  absl::StatusOr<v1::User> Register(const std::string& handle,
                                    const std::string& password,
                                    const std::string& display_name = "");
  absl::StatusOr<v1::Session> Login(const std::string& handle,
                                    const std::string& password);
  absl::Status Logout();
  absl::StatusOr<v1::User> GetUser(const std::string& user = "me") const;
  // Updates the caller.
  absl::StatusOr<v1::User> UpdateUser(const UserChanges& changes) const;
  Listing<v1::User> SearchUsers(const std::string& prefix) const;
  absl::StatusOr<std::vector<v1::User>> SearchUsers(const std::string& prefix,
                                                    int limit) const {
    return SearchUsers(prefix).First(limit);
  }
  absl::Status ChangePassword(const std::string& old_password,
                              const std::string& new_password) const;
  absl::Status DeleteAccount(const std::string& password) const;
  // For administrators, who can delete any account.  `password` is the
  // caller's own.
  absl::Status DeleteUser(const std::string& user,
                          const std::string& password) const;

  // The caller's sessions, newest first, without their tokens.  `session` is a
  // resource name, users/{handle}/sessions/{session}.
  Listing<v1::Session> Sessions() const;
  absl::StatusOr<std::vector<v1::Session>> Sessions(int limit) const {
    return Sessions().First(limit);
  }
  absl::Status DeleteSession(const std::string& session) const;

  // Photos.  An upload is retried only if `bytes` is seekable.  Errors, in
  // addition to the server's: NOT_FOUND (the file does not exist), DATA_LOSS
  // (the file cannot be read completely).
  absl::StatusOr<v1::Photo> UploadPhoto(const std::filesystem::path& file,
                                        const Upload& upload = {}) const;
  absl::StatusOr<v1::Photo> UploadPhoto(std::istream& bytes,
                                        const Upload& upload) const;
  absl::StatusOr<v1::Photo> GetPhoto(const std::string& photo) const;
  absl::StatusOr<v1::Photo> UpdatePhoto(const std::string& photo,
                                        const PhotoChanges& changes) const;
  absl::Status DeletePhoto(const std::string& photo) const;

  // Writes the bytes to `out`, or to `file`, which is replaced atomically when
  // the download is complete.  Errors, in addition to the server's: DATA_LOSS
  // (the download is incomplete, or cannot be written).
  absl::StatusOr<v1::RenditionHead> DownloadPhoto(const std::string& photo,
                                                  v1::Rendition rendition,
                                                  std::ostream& out) const;
  absl::StatusOr<v1::RenditionHead> DownloadPhoto(
      const std::string& photo, v1::Rendition rendition,
      const std::filesystem::path& file) const;

  // Lists of photos, newest first.
  Listing<v1::Photo> Feed() const;
  absl::StatusOr<std::vector<v1::Photo>> Feed(int limit) const {
    return Feed().First(limit);
  }
  Listing<v1::Photo> RecentPhotos() const;
  absl::StatusOr<std::vector<v1::Photo>> RecentPhotos(int limit) const {
    return RecentPhotos().First(limit);
  }
  Listing<v1::Photo> PhotosOf(const std::string& user) const;
  absl::StatusOr<std::vector<v1::Photo>> PhotosOf(const std::string& user,
                                                  int limit) const {
    return PhotosOf(user).First(limit);
  }

  // Calls `entry` for each new entry of the feed until it returns false, then
  // returns OK.  Resumes an interrupted stream after the last entry, without
  // repeating or missing one.  Once there was an entry, it waits without a
  // limit for a server that cannot be reached, unless retries are disabled.
  // Blocks.
  absl::Status WatchFeed(
      const std::function<bool(const v1::WatchFeedResponse&)>& entry) const;

  // Likes, comments, follows, blocks and notifications.
  absl::StatusOr<v1::LikePhotoResponse> Like(const std::string& photo) const;
  absl::StatusOr<v1::UnlikePhotoResponse> Unlike(
      const std::string& photo) const;
  Listing<v1::Like> Likes(const std::string& photo) const;
  absl::StatusOr<std::vector<v1::Like>> Likes(const std::string& photo,
                                              int limit) const {
    return Likes(photo).First(limit);
  }
  absl::StatusOr<v1::Comment> Comment(const std::string& photo,
                                      const std::string& text,
                                      const std::string& request_id = "") const;
  Listing<v1::Comment> Comments(const std::string& photo) const;
  absl::StatusOr<std::vector<v1::Comment>> Comments(const std::string& photo,
                                                    int limit) const {
    return Comments(photo).First(limit);
  }
  // `comment` is a resource name, photos/{photo}/comments/{comment}.
  absl::Status DeleteComment(const std::string& comment) const;
  absl::StatusOr<v1::Relationship> Follow(const std::string& user) const;
  absl::StatusOr<v1::Relationship> Unfollow(const std::string& user) const;
  absl::StatusOr<v1::Relationship> Block(const std::string& user) const;
  absl::StatusOr<v1::Relationship> Unblock(const std::string& user) const;
  Listing<v1::User> Followers(const std::string& user) const;
  absl::StatusOr<std::vector<v1::User>> Followers(const std::string& user,
                                                  int limit) const {
    return Followers(user).First(limit);
  }
  Listing<v1::User> Following(const std::string& user) const;
  absl::StatusOr<std::vector<v1::User>> Following(const std::string& user,
                                                  int limit) const {
    return Following(user).First(limit);
  }
  // Resource names of the users whom the caller blocks, users/{handle}.
  Listing<std::string> Blocks() const;
  absl::StatusOr<std::vector<std::string>> Blocks(int limit) const {
    return Blocks().First(limit);
  }
  Listing<v1::Notification> Notifications() const;
  absl::StatusOr<std::vector<v1::Notification>> Notifications(int limit) const {
    return Notifications().First(limit);
  }
  // Marks the notification named `last` and all older ones, or all
  // notifications if `last` is empty.
  absl::Status MarkNotificationsRead(const std::string& last = "") const;

  // The server.
  absl::StatusOr<v1::ServerInfo> GetServerInfo() const;
  // For administrators.  Makes one attempt, without a deadline.  The backup
  // continues if the connection breaks.
  absl::StatusOr<v1::Backup> CreateBackup() const;
  // For administrators, on servers that allow imports.  Retries are safe:
  // existing users are not changed, and sessions of an attempt whose response
  // was lost expire.  Errors: FAILED_PRECONDITION with the reason
  // IMPORT_DISABLED (the server does not allow imports).
  absl::StatusOr<v1::ImportUsersResponse> ImportUsers(
      const v1::ImportUsersRequest& request) const;
  // `service` is a full name such as "pinhole.v1.PhotoService", or empty for
  // the server.  Not retried.
  absl::StatusOr<grpc::health::v1::HealthCheckResponse> CheckHealth(
      const std::string& service = "") const;

 private:
  Connection connection_;
};

}  // namespace pinhole::client
