// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace pinhole::media {

// An open file of a photo.  Not thread-safe.
class PhotoReader {
 public:
  virtual ~PhotoReader() = default;

  // Of the whole file.
  virtual std::int64_t size_bytes() const = 0;

  // Returns the next bytes, at most `max_bytes`; empty at the end.  Blocks.
  // Errors: DATA_LOSS (unreadable); NOT_FOUND and UNAVAILABLE (only if the file
  // is not on a local file system).
  virtual absl::StatusOr<std::string> Read(std::size_t max_bytes) = 0;
};

}  // namespace pinhole::media
