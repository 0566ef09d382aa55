// SPDX-License-Identifier: Apache-2.0

// What the people of a load test do, and how often.

#ifndef PINHOLE_CLIENT_LAB_MIX_H_
#define PINHOLE_CLIENT_LAB_MIX_H_

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "client/lab/random.h"

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

struct Profile {
  std::string name;
  // A story: every user does all of these in this order, then leaves, and
  // another comes.  If it is empty, users draw by weight.
  std::vector<Operation> story = {};
  std::vector<std::pair<Operation, double>> weights = {};
  bool skewed = false;  // Few photos and people get most of the attention.

  bool Has(Operation operation) const;
  // Of all operations, 0 to 1.
  double Share(Operation operation) const;
  // Errors: an empty profile draws nothing; it cannot be made by the functions
  // below.
  Operation Draw(Random& random) const;
};

// newcomer: the tutorial's user, 9 operations (register, login, feed, two
//   photos, two likes, follow, feed).
// reader: 60 % feed, 30 % profile, 10 % upload, as the social network of
//   DeathStarBench has home timeline, user timeline and compose.
// writer: 10 % upload, 50 % like, 30 % comment, 10 % follow.
// login_storm: logins only.
// hotspot: 40 % photo, 20 % profile, 30 % like, 10 % comment; photos and users
//   by Zipf's law with exponent 0.99, YCSB's default.
// Errors: INVALID_ARGUMENT (no such profile; names them).
absl::StatusOr<Profile> ProfileNamed(std::string_view name);

// From "feed=60,profile=30,upload=10"; what the weights add up to is 100 %.
// Errors: INVALID_ARGUMENT (names what is wrong, and the operations).
absl::StatusOr<Profile> ParseMix(std::string_view text);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_MIX_H_
