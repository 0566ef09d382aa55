// SPDX-License-Identifier: Apache-2.0

// Resource names from what people type.

#ifndef PINHOLE_CLIENT_INCLUDE_PINHOLE_NAMES_H_
#define PINHOLE_CLIENT_INCLUDE_PINHOLE_NAMES_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace pinhole::client {

// "users/ansel" from "ansel", "@ansel" or "users/ansel"; upper case becomes
// lower case.  Errors: INVALID_ARGUMENT if it cannot be a handle or "me".
absl::StatusOr<std::string> UserName(std::string_view text);

// "photos/123" from "123" or "photos/123".
// Errors: INVALID_ARGUMENT if it cannot name a photo.
absl::StatusOr<std::string> PhotoName(std::string_view text);

// "ansel" from "users/ansel"; the whole text if it is no user's name.
std::string HandleOf(std::string_view user_name);

// A new random UUID (version 4), for `request_id`.
std::string NewRequestId();

}  // namespace pinhole::client

#endif  // PINHOLE_CLIENT_INCLUDE_PINHOLE_NAMES_H_
