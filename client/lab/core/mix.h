// SPDX-License-Identifier: Apache-2.0

// The operations of the users of a load test, and their frequencies.

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "client/lab/core/random.h"

namespace pinhole::lab {

enum class Operation {
  kRegister,
  kLogin,
  kFeed,
  kProfile,   // The photos of a user.
  kPhoto,     // The description of a photo.
  kDownload,  // The thumbnail of a photo.
  kLike,
  kFollow,
  kComment,
  kUpload,
};
inline constexpr int kOperations = 10;

// "register", "login", ...
std::string_view NameOf(Operation operation);
// Errors: INVALID_ARGUMENT (names the operations).
absl::StatusOr<Operation> OperationNamed(std::string_view name);

struct Profile {
  std::string name;
  // Every user performs these operations in this order and is then replaced by
  // another user.  If empty, users draw operations by weight.
  std::vector<Operation> story = {};
  std::vector<std::pair<Operation, double>> weights = {};
  bool skewed = false;  // Pick photos and users by Zipf's law.

  bool is_story() const { return !story.empty(); }
  bool Has(Operation operation) const { return Share(operation) > 0; }
  // Share of all operations, 0 to 1.
  double Share(Operation operation) const;
  // Draws an operation by weight.  The profile must have weights.
  Operation Draw(Random& random) const;
};

// newcomer: the tutorial's user, 9 operations (register, login, feed, two
//   photos, two likes, follow, feed).
// reader: 60 % feed, 30 % profile, 10 % upload, as the social network of
//   DeathStarBench has home timeline, user timeline and compose
//   (wrk2/scripts/social-network/mixed-workload.lua).
// writer: 10 % upload, 50 % like, 25 % comment, 15 % follow.
// login_storm: logins only, which is hashing passwords.
// hotspot: 40 % photo, 20 % profile, 30 % like, 10 % comment; of photos and
//   users by Zipf's law with YCSB's exponent (zipf.h).
const std::vector<Profile>& Profiles();
// Errors: INVALID_ARGUMENT (names the profiles).
absl::StatusOr<Profile> ProfileNamed(std::string_view name);

// Parses "feed=60,profile=30,upload=10"; the sum of the weights is 100 %.
// Errors: INVALID_ARGUMENT (names the wrong part and the rule).
absl::StatusOr<Profile> ParseMix(std::string_view text);

}  // namespace pinhole::lab
