// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_AUTH_PASSWORD_H_
#define PINHOLE_SERVER_AUTH_PASSWORD_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace pinhole::auth {

// Argon2id with 19 MiB, 2 passes, 1 lane: the minimum of the OWASP Password
// Storage Cheat Sheet.  About 20 ms of CPU a call: run it on a pool.

// The hash as a PHC string.  Errors: RESOURCE_EXHAUSTED (no memory for it).
absl::StatusOr<std::string> HashPassword(std::string_view password);

// Whether `password` has the hash `phc`.
bool VerifyPassword(std::string_view password, const std::string& phc);

// Kept in place of the hash of who has no password: no password fits it.
inline constexpr char kNoPassword[] = "!";

// A hash that no password has.  Verified against when a login names an unknown
// user, so that it costs the same time as for a known one.
const std::string& UnknownUserHash();

}  // namespace pinhole::auth

#endif  // PINHOLE_SERVER_AUTH_PASSWORD_H_
