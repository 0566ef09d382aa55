// SPDX-License-Identifier: Apache-2.0

// Conversion of user input to resource names.

#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace pinhole::client {

// Converts "ansel", "@ansel" or "users/ansel" to "users/ansel", in lower case.
// Errors: INVALID_ARGUMENT if `text` is not a valid handle or "me".
absl::StatusOr<std::string> UserName(std::string_view text);

// Converts "123" or "photos/123" to "photos/123".
// Errors: INVALID_ARGUMENT if `text` is not a valid photo name.
absl::StatusOr<std::string> PhotoName(std::string_view text);

// Converts "users/ansel" to "ansel".  Returns other text unchanged.
std::string HandleOf(std::string_view user_name);

// Returns a new random UUID (version 4) for `request_id`.
std::string NewRequestId();

}  // namespace pinhole::client
