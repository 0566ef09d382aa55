// SPDX-License-Identifier: Apache-2.0

// Parameters of Client's functions, to be written as designated initializers:
//
//   client.UpdatePhoto("photos/1", {.caption = "Half Dome"});

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "pinhole/v1/photo_service.pb.h"

namespace pinhole::client {

// Called with the number of bytes sent so far and the total (0 if unknown).
using Progress = std::function<void(std::int64_t done, std::int64_t total)>;

struct Upload {
  std::string caption = {};
  std::string alt_text = {};
  v1::Visibility visibility = v1::VISIBILITY_PUBLIC;
  std::string request_id = {};  // Generated if empty.
  Progress progress = {};
};

// New values for UpdatePhoto and UpdateUser.  Fields that are not set are not
// changed; an empty string removes the text.
struct PhotoChanges {
  std::optional<std::string> caption = {};
  std::optional<std::string> alt_text = {};
  std::optional<v1::Visibility> visibility = {};
};
struct UserChanges {
  std::optional<std::string> display_name = {};
  std::optional<std::string> bio = {};
};

}  // namespace pinhole::client
