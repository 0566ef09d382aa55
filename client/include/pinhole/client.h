// SPDX-License-Identifier: Apache-2.0

// Pinhole from C++ in a few lines:
//
//   Client client("127.0.0.1:50051");
//   auto session = client.Login("ansel", "a long password");
//   auto photo = client.UploadPhoto("half-dome.jpg", {.caption = "Half Dome"});
//   auto feed = client.Feed(10);
//
// Every call answers with a value or a status; errors.h reads its details.

#ifndef PINHOLE_CLIENT_INCLUDE_PINHOLE_CLIENT_H_
#define PINHOLE_CLIENT_INCLUDE_PINHOLE_CLIENT_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "pinhole/connection.h"
#include "pinhole/errors.h"

namespace pinhole::client {

// Called with the bytes sent or received so far and all of them (0: unknown).
using Progress = std::function<void(std::int64_t done, std::int64_t total)>;

struct Upload {
  std::string caption = {};
  std::string alt_text = {};
  v1::Visibility visibility = v1::VISIBILITY_PUBLIC;
  std::string request_id = {};  // Made if empty.
  Progress progress = {};
};

// A synchronous client.  A value: copies share the connection but each has its
// own login.  Thread-safe but for assignment and the calls that change the
// login (Login, Logout, set_token).
//
// Calls that fail for a passing reason are repeated as Options::retry says
// where that is safe.  Users are named by handle or "users/HANDLE" ("me" is the
// caller), photos by "photos/ID" or ID; a text that cannot be a name is
// INVALID_ARGUMENT without a call.  Lists take the most entries to fetch and
// walk the pages.
class Client {
 public:
  explicit Client(const std::string& target, Options options = {});

  const std::string& token() const { return connection_.token(); }
  void set_token(std::string token);

  // For every call that is not below.
  const Connection& connection() const { return connection_; }

  // Accounts.  Register does not log in; Login keeps the token for the calls
  // that follow, Logout forgets it even if the call fails.
  absl::StatusOr<v1::User> Register(const std::string& handle,
                                    const std::string& password,
                                    const std::string& display_name = "");
  absl::StatusOr<v1::Session> Login(const std::string& handle,
                                    const std::string& password);
  absl::Status Logout();
  absl::StatusOr<v1::User> GetUser(const std::string& user = "me") const;
  absl::StatusOr<std::vector<v1::User>> SearchUsers(const std::string& prefix,
                                                    int limit) const;
  absl::Status ChangePassword(const std::string& old_password,
                              const std::string& new_password) const;
  absl::Status DeleteAccount(const std::string& password) const;

  // Photos.  An upload is sent in chunks of 256 KiB and repeated only if
  // `bytes` can be rewound.  Errors besides the server's: NOT_FOUND (no such
  // file), DATA_LOSS (reading failed half-way).
  absl::StatusOr<v1::Photo> UploadPhoto(const std::filesystem::path& file,
                                        const Upload& upload = {}) const;
  absl::StatusOr<v1::Photo> UploadPhoto(std::istream& bytes,
                                        const Upload& upload) const;
  absl::StatusOr<v1::Photo> GetPhoto(const std::string& photo) const;
  absl::Status DeletePhoto(const std::string& photo) const;

  // Writes the bytes to `out`, or to a new file that takes the place of `file`
  // when it is complete.  Errors besides the server's: DATA_LOSS (cut off, or
  // writing failed).
  absl::StatusOr<v1::RenditionHead> DownloadPhoto(const std::string& photo,
                                                  v1::Rendition rendition,
                                                  std::ostream& out) const;
  absl::StatusOr<v1::RenditionHead> DownloadPhoto(
      const std::string& photo, v1::Rendition rendition,
      const std::filesystem::path& file) const;

  // Lists of photos, newest first.
  absl::StatusOr<std::vector<v1::Photo>> Feed(int limit) const;
  absl::StatusOr<std::vector<v1::Photo>> RecentPhotos(int limit) const;
  absl::StatusOr<std::vector<v1::Photo>> PhotosOf(const std::string& user,
                                                  int limit) const;

  // Calls `entry` for each new entry of the feed until it returns false, then
  // answers OK.  A broken stream is taken up again where it ended.  Blocks.
  absl::Status WatchFeed(
      const std::function<bool(const v1::WatchFeedResponse&)>& entry) const;

  // What people do.
  absl::StatusOr<v1::LikePhotoResponse> Like(const std::string& photo) const;
  absl::StatusOr<v1::UnlikePhotoResponse> Unlike(
      const std::string& photo) const;
  absl::StatusOr<std::vector<v1::Like>> Likes(const std::string& photo,
                                              int limit) const;
  absl::StatusOr<v1::Comment> Comment(const std::string& photo,
                                      const std::string& text,
                                      const std::string& request_id = "") const;
  absl::StatusOr<std::vector<v1::Comment>> Comments(const std::string& photo,
                                                    int limit) const;
  // `comment` is a full name, photos/{photo}/comments/{comment}.
  absl::Status DeleteComment(const std::string& comment) const;
  absl::StatusOr<v1::Relationship> Follow(const std::string& user) const;
  absl::StatusOr<v1::Relationship> Unfollow(const std::string& user) const;
  absl::StatusOr<v1::Relationship> Block(const std::string& user) const;
  absl::StatusOr<v1::Relationship> Unblock(const std::string& user) const;
  absl::StatusOr<std::vector<v1::User>> Followers(const std::string& user,
                                                  int limit) const;
  absl::StatusOr<std::vector<v1::User>> Following(const std::string& user,
                                                  int limit) const;
  absl::StatusOr<std::vector<v1::Notification>> Notifications(int limit) const;
  absl::Status MarkNotificationsRead() const;

  // The server.
  absl::StatusOr<v1::ServerInfo> GetServerInfo() const;
  // For administrators.  One attempt, without a deadline: it takes as long as
  // it takes, and goes on if the connection breaks.
  absl::StatusOr<v1::Backup> CreateBackup() const;
  // For administrators, on a server for measuring.  It may be repeated: who
  // exists is left as they are, and sessions begun by an attempt whose answer
  // was lost end by themselves.  Errors: FAILED_PRECONDITION with the reason
  // IMPORT_DISABLED (the server does not allow it).
  absl::StatusOr<v1::ImportUsersResponse> ImportUsers(
      const v1::ImportUsersRequest& request) const;
  // `service` is a full name such as "pinhole.v1.PhotoService", or empty for
  // the server.  One attempt, no retries.
  absl::StatusOr<grpc::health::v1::HealthCheckResponse> CheckHealth(
      const std::string& service = "") const;

 private:
  Connection connection_;
};

}  // namespace pinhole::client

#endif  // PINHOLE_CLIENT_INCLUDE_PINHOLE_CLIENT_H_
