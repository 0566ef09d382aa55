// SPDX-License-Identifier: Apache-2.0

#include "server/app/data/free_space.h"

#include <system_error>
#include <utility>

namespace pinhole::app {
namespace {

void UpdateFrom(const std::filesystem::path& folder,
                std::atomic<std::int64_t>& bytes) {
  std::error_code error;
  const std::filesystem::space_info space =
      std::filesystem::space(folder, error);
  if (!error) bytes = static_cast<std::int64_t>(space.available);
}

}  // namespace

FreeSpace::FreeSpace(std::filesystem::path data, std::filesystem::path photos)
    : data_(std::move(data)), photos_(std::move(photos)) {
  Update();
}

void FreeSpace::Update() {
  UpdateFrom(data_, data_bytes_);
  UpdateFrom(photos_, photos_bytes_);
}

}  // namespace pinhole::app
