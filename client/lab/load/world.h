// SPDX-License-Identifier: Apache-2.0

// What a load test finds on the server, and the users it acts as.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "client/lab/load/transport.h"

namespace pinhole::lab {

// The handles of all accounts that the lab creates begin with this.
inline constexpr std::string_view kRunPrefix = "lab";

// The password of an account that the lab created.
std::string LabPassword(const std::string& handle);

// A user who makes calls.
struct Person {
  std::string handle;
  std::string password;       // Empty if it is not known.
  std::string authorization;  // "Bearer TOKEN", or empty: not signed in.
  std::vector<std::string> seen = {};  // Photos of the last feed.
  // What was done in this run, by number of the photo or user.
  std::vector<bool> liked = {};
  std::vector<bool> followed = {};
};

struct World {
  std::vector<std::string> photos;    // "photos/1": public, newest first.
  std::vector<std::string> users;     // "users/ansel": the photos' owners.
  std::vector<Person> people;         // Signed in.
  std::vector<std::string> pictures;  // JPEG files, for uploads.
  std::string run;                    // Prefix of the handles of this run.
};

struct SurveyOptions {
  int people = 20;        // How many sessions to begin.
  std::string password;   // Of the seeded users; tried with a few of them.
  std::string sessions;   // File of `pinhole seed --sessions`; empty for none.
  int photos = 1000;      // Maximum number of photos to use.
  bool pictures = false;  // Get pictures for uploads.
  std::string seed_command = "pinhole seed";  // For hints.
};

// Finds photos and their owners, and signs users in: those of the sessions
// file, else seeded users whose password is right, else new users, who follow
// others so that their feeds are not empty. Errors: FAILED_PRECONDITION (there
// are no photos; says what to do) and the errors of the calls.
absl::StatusOr<World> Survey(Transport& transport, Dialect dialect,
                             const SurveyOptions& options);

// Deletes the users that `Survey` had to create.  The accounts of newcomers
// stay, because there may be thousands: see DeleteAccounts in cleanup.h.
void Forget(Transport& transport, Dialect dialect, const World& world);

}  // namespace pinhole::lab
