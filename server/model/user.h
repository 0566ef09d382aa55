// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "server/model/ids.h"

namespace pinhole {

// A user as one viewer sees them: counts exclude what the viewer may not see.
struct User {
  UserId id;
  std::string handle;  // Normalized: lower case.
  std::string display_name;
  std::string bio;
  absl::Time create_time;
  std::int32_t photo_count = 0;
  std::int32_t follower_count = 0;
  std::int32_t following_count = 0;
  bool following = false;    // The viewer follows the user.
  bool followed_by = false;  // The user follows the viewer.
};

// The data of a user that logging in needs.
struct Credentials {
  UserId id;
  std::string handle;
  std::string password_hash;  // PHC string.
  bool administrator = false;
};

struct Session {
  SessionId id;
  UserId user;
  std::string handle;      // The user's.
  std::string token_hash;  // SHA-256 of the token, 32 bytes.
  absl::Time create_time;
  absl::Time expire_time;
  bool administrator = false;  // The user's current role.
};

// The relationship between a viewer and another user.
struct Relationship {
  std::string handle;  // The other user's.
  bool following = false;
  bool followed_by = false;
  bool blocking = false;
};

}  // namespace pinhole
