// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace pinhole::auth {

// Argon2id with 19 MiB, 2 passes, 1 lane: the minimum of the OWASP Password
// Storage Cheat Sheet.  Takes about 20 ms of CPU time per call: run it on a
// pool.

// Returns the hash as a PHC string.  Errors: RESOURCE_EXHAUSTED (not enough
// memory).
absl::StatusOr<std::string> HashPassword(std::string_view password);

// Whether `password` has the hash `phc`.
bool VerifyPassword(std::string_view password, const std::string& phc);

// Stored instead of a hash for users without a password; matches no password.
inline constexpr char kNoPassword[] = "!";

// A hash that matches no password.  Verified when a login names an unknown
// user, so that it takes as long as for a known one.
const std::string& UnknownUserHash();

}  // namespace pinhole::auth
