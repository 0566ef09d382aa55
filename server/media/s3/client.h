// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/sha256.h"
#include "server/media/file.h"
#include "server/media/s3/bucket.h"
#include "server/media/s3/connection.h"
#include "server/media/s3/credentials.h"
#include "server/media/s3/sigv4.h"

namespace pinhole::media::s3 {

struct ClientOptions {
  ConnectionTimes times;
  // Within this time a request is repeated if S3 or the network fails.
  absl::Duration deadline = absl::Seconds(30);
  // Before the first repetition; doubles each time, up to 20 times as long.
  absl::Duration backoff = absl::Milliseconds(50);
  // More connections than this are closed after use.
  std::size_t max_idle_connections = 64;
};

// Requests to the objects of one bucket.  Keys are relative to the bucket's
// prefix.  Every function blocks and is for threads of a pool.  Thread-safe.
//
// Errors of all functions, besides their own: UNAVAILABLE (S3 cannot be reached
// or is overloaded, even after repetitions within the deadline),
// FAILED_PRECONDITION (wrong configuration: the message says what to check).
class Client {
 public:
  Client(Bucket bucket, const Credentials& credentials, ClientOptions options);

  // Checks that the bucket exists and that objects can be written, read and
  // removed, with a temporary object.
  absl::Status Check();

  // Stores the bytes of a file, whose digest is `digest`.  Succeeds if the
  // object exists with the same content, since an earlier attempt may have
  // stored it.  Errors: ALREADY_EXISTS (with other content), DATA_LOSS (the
  // file is unreadable or not of the digest).
  absl::Status Put(std::string_view key, File& file, const Digest& digest,
                   std::string_view content_type);

  // Size of an object in bytes.  Errors: NOT_FOUND.
  absl::StatusOr<std::int64_t> SizeBytes(std::string_view key);

  // Removes an object.  Not an error if it is missing.
  absl::Status Delete(std::string_view key);

  // A URL with which anybody can read the object until `lifetime` has passed.
  std::string PresignedUrl(std::string_view key, absl::Duration lifetime) const;

 private:
  friend class ObjectReader;

  struct Call {
    std::string method;
    std::string path;
    Fields query = {};
    Fields headers = {};
    File* body = nullptr;  // Null: an empty body.
    std::int64_t body_bytes = 0;
    Digest body_digest = Sha256Of("");
  };
  // A response with the connection from which its body can be read.
  struct Answer {
    HttpResponse response;
    std::unique_ptr<Connection> connection;
  };

  // Sends a request, repeatedly if necessary.  Responses that are not a success
  // are errors (see `ErrorOf`).
  absl::StatusOr<Answer> Send(const Call& call, absl::Time deadline);
  absl::StatusOr<Answer> SendOnce(const Call& call, absl::Time deadline);
  // As `Send` with the usual deadline; reads the body, too, and ignores it.
  absl::StatusOr<HttpResponse> SendWhole(const Call& call);
  // Sleeps before a repetition.  Returns false if the deadline would pass.
  bool BackOff(int repetition, absl::Time deadline) const;
  absl::Time Deadline() const;
  std::string PathOf(std::string_view key) const { return bucket_.PathOf(key); }

  std::unique_ptr<Connection> TakeConnection();
  // Keeps a connection for other requests if its response was read whole.
  void Return(std::unique_ptr<Connection> connection);

  const Bucket bucket_;
  const ClientOptions options_;
  const Signer signer_;
  absl::Mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pinhole::media::s3
