// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>

namespace pinhole::app {

// Free disk space for the database and for the photos, as of the last update,
// since a query to a hung disk would hang as well.  Thread-safe.
class FreeSpace {
 public:
  // Updates for the first time, if the directories exist.
  FreeSpace(std::filesystem::path data, std::filesystem::path photos);

  // Values that cannot be determined stay unchanged.
  void Update();

  std::int64_t data_bytes() const { return data_bytes_; }
  std::int64_t photos_bytes() const { return photos_bytes_; }

 private:
  const std::filesystem::path data_;
  const std::filesystem::path photos_;
  std::atomic<std::int64_t> data_bytes_{0};
  std::atomic<std::int64_t> photos_bytes_{0};
};

}  // namespace pinhole::app
