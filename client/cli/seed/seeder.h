// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "client/cli/seed/crew.h"
#include "client/cli/seed/plan.h"
#include "pinhole/client.h"

namespace pinhole::cli::seed {

struct Count {
  std::size_t done = 0;   // Created now, or found.
  std::size_t found = 0;  // How many of `done` existed already.
  std::size_t failed = 0;
};

struct Summary {
  Count users;
  Count photos;
  Count follows;
  Count likes;
  Count comments;

  std::size_t failed() const;
  std::size_t made() const;  // Everything that was created now.
};

// Carries out a plan through the public API.  What exists already, from an
// earlier or an interrupted run of the same plan, is found and not repeated.
// Not thread-safe; the work is done on the crew's threads.
class Seeder {
 public:
  // `client` need not be signed in.  `files` are the files that the plan's
  // options name, with their folder.  `plan` and `crew` must outlive this
  // object.
  Seeder(client::Client client, const Plan& plan, std::string password,
         std::vector<std::filesystem::path> files, Crew& crew);

  // Has users created, and their sessions begun, by imports of this
  // administrator, so that the server hashes one password for many users.
  void ImportAs(client::Client administrator);

  // Publishes every photo of the plan, without looking for those of an earlier
  // run.
  void PublishAnew() { publish_anew_ = true; }

  // Creates the users that are missing, and begins a session for each user.
  void SignIn();

  // Does the rest of the plan; calls `SignIn` first if it was not called.
  Summary Run();

  // The sessions that were begun: a line "HANDLE TOKEN" for each user.
  std::string Sessions() const;

 private:
  using Step = absl::Status (Seeder::*)(std::size_t);
  // Calls `step` for each element that was not found, and returns the counts.
  Count DoMissing(const std::vector<char>& found, Step step);
  // Calls `step` for each element that was found, to look for what belongs to
  // it.
  void LookAtFound(const std::vector<char>& found, Step step);

  absl::Status Enter(std::size_t user);
  absl::Status Import(std::size_t first, std::size_t end);
  // Matches the photos and follows of a user who existed with the plan.
  absl::Status LookAtUser(std::size_t user);
  absl::Status FindPhotos(std::size_t user);
  absl::Status Publish(std::size_t photo);
  absl::Status Follow(std::size_t follow);
  // Matches the likes and comments of a photo that existed with the plan.
  absl::Status LookAtPhoto(std::size_t photo);
  absl::Status FindComments(std::size_t photo);
  absl::Status Like(std::size_t like);
  absl::Status Say(std::size_t comment);

  // The client of a user. Errors: FAILED_PRECONDITION if signing in failed.
  absl::StatusOr<const client::Client*> As(std::size_t user) const;
  // The name of a photo. Errors: FAILED_PRECONDITION if publishing failed.
  absl::StatusOr<std::string> NameOf(std::size_t photo) const;

  const client::Client stranger_;
  const Plan& plan_;
  const std::string password_;
  const std::vector<std::filesystem::path> files_;
  Crew& crew_;
  std::optional<client::Client> administrator_;
  bool signed_in_ = false;
  bool publish_anew_ = false;
  Count users_;
  // What belongs to a user or a photo, by index.
  using Groups = std::vector<std::vector<std::size_t>>;
  const Groups photos_of_;
  const Groups follows_of_;
  const Groups likes_of_;
  const Groups comments_of_;
  // One element for each part of the plan; written by the thread that works on
  // it, read in later phases.  No vector<bool>: its elements share bytes.
  std::vector<std::optional<client::Client>> clients_;
  std::vector<char> user_found_;
  std::vector<std::string> photo_names_;
  std::vector<char> photo_found_;
  std::vector<char> follow_found_;
  std::vector<char> like_found_;
  std::vector<char> comment_found_;
};

}  // namespace pinhole::cli::seed
