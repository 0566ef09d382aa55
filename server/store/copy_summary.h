// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "server/model/photo.h"

namespace pinhole {

// The content of a copy of a store.
struct CopySummary {
  int schema_version = 0;
  std::int64_t users = 0;
  std::int64_t photos = 0;
};

// The files of a photo in a copy.
struct CopiedPhoto {
  std::string file_key;
  std::int64_t size_bytes = 0;  // Size of the original.
  PhotoDigests digests = {};
};

// Called for each photo in a copy.  An error ends the visit.
using PhotoFileVisitor = std::function<absl::Status(const CopiedPhoto& photo)>;

}  // namespace pinhole
