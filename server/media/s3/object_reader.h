// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/media/s3/client.h"
#include "server/media/s3/connection.h"

namespace pinhole::media::s3 {

// Reads one object with a single request.  Between two reads, at most 256 KiB
// are held in memory; the rest stays in S3 until it is asked for.  If the
// connection breaks, for example because S3 closed it while nobody read, the
// rest is requested again.  Not thread-safe.
class ObjectReader {
 public:
  // Requests the object from byte `offset`, which must not be negative; past
  // the end there are no bytes.  `client` must outlive the reader. Errors: as
  // `Client`; NOT_FOUND.
  static absl::StatusOr<std::unique_ptr<ObjectReader>> Open(
      Client& client, std::string_view key, std::int64_t offset);

  ~ObjectReader();
  ObjectReader(const ObjectReader&) = delete;
  ObjectReader& operator=(const ObjectReader&) = delete;

  // Of the whole object.
  std::int64_t size_bytes() const { return size_bytes_; }

  // Returns the next bytes, fewer than `max_bytes` only at the end; empty at
  // the end.  Errors: as `Client`; NOT_FOUND (removed after a part was read),
  // DATA_LOSS (replaced after a part was read).
  absl::StatusOr<std::string> Read(std::size_t max_bytes);

 private:
  ObjectReader(Client& client, std::string_view key, std::int64_t offset);
  absl::Status Request(absl::Time deadline);

  Client& client_;
  const std::string key_;
  std::int64_t offset_;  // Of the next byte.
  std::int64_t size_bytes_ = 0;
  std::string etag_;
  std::unique_ptr<Connection> connection_;  // Null if nothing is requested.
};

}  // namespace pinhole::media::s3
