// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_STORE_COPY_SUMMARY_H_
#define PINHOLE_SERVER_STORE_COPY_SUMMARY_H_

#include <cstdint>
#include <functional>
#include <string_view>

#include "absl/status/status.h"

namespace pinhole {

// What is in a copy of a store.
struct CopySummary {
  int schema_version = 0;
  std::int64_t users = 0;
  std::int64_t photos = 0;
};

// Called for each photo in a copy; an error ends the call that visits.
using PhotoFileVisitor = std::function<absl::Status(std::string_view file_key,
                                                    std::int64_t size_bytes)>;

}  // namespace pinhole

#endif  // PINHOLE_SERVER_STORE_COPY_SUMMARY_H_
