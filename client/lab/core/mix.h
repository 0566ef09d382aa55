// SPDX-License-Identifier: Apache-2.0

// What the people of a load test do, and how often.

#ifndef PINHOLE_CLIENT_LAB_CORE_MIX_H_
#define PINHOLE_CLIENT_LAB_CORE_MIX_H_

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
  kProfile,   // Somebody's photos.
  kPhoto,     // What is said about a photo.
  kDownload,  // A photo's thumbnail, in bytes.
  kLike,
  kFollow,
  kComment,
  kUpload,
};
inline constexpr int kOperations = 10;

// "register", "login", ...
std::string_view NameOf(Operation operation);
// Errors: INVALID_ARGUMENT (names the operations there are).
absl::StatusOr<Operation> OperationNamed(std::string_view name);

struct Profile {
  std::string name;
  // Every user does all of these in this order, then leaves, and another comes.
  // Empty: users draw by weight.
  std::vector<Operation> story = {};
  std::vector<std::pair<Operation, double>> weights = {};
  bool skewed = false;  // Few photos and users get most of the attention: Zipf.

  bool is_story() const { return !story.empty(); }
  bool Has(Operation operation) const { return Share(operation) > 0; }
  // Of all operations, 0 to 1.
  double Share(Operation operation) const;
  // By weight.  The profile must have weights.
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
// Errors: INVALID_ARGUMENT (names the profiles there are).
absl::StatusOr<Profile> ProfileNamed(std::string_view name);

// From "feed=60,profile=30,upload=10"; what the weights add up to is 100 %.
// Errors: INVALID_ARGUMENT (says which part is wrong and what is possible).
absl::StatusOr<Profile> ParseMix(std::string_view text);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_CORE_MIX_H_
