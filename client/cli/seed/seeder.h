// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_CLI_SEED_SEEDER_H_
#define PINHOLE_CLIENT_CLI_SEED_SEEDER_H_

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
  std::size_t done = 0;   // Made now, or found and left alone.
  std::size_t found = 0;  // There already, of `done`.
  std::size_t failed = 0;
};

struct Summary {
  Count users;
  Count photos;
  Count follows;
  Count likes;
  Count comments;

  std::size_t failed() const;
  std::size_t made() const;  // Now, of everything.
};

// Carries out a plan through the public API.  What is there already, from an
// earlier or a broken-off run of the same plan, is found and not doubled.
// Not thread-safe; the work goes on the crew's threads.
class Seeder {
 public:
  // `client` need not be signed in.  `files` are those of the plan's options,
  // with their folder.  `plan` and `crew` must outlive this object.
  Seeder(client::Client client, const Plan& plan, std::string password,
         std::vector<std::filesystem::path> files, Crew& crew);

  // From now on users are made, and get their sessions, by imports of this
  // administrator's, so that the server hashes next to no passwords.
  void ImportAs(client::Client administrator);

  // Makes the users that are missing and begins a session for each.
  void SignIn();

  // Does the rest of the plan, `SignIn` first if it was not called.
  Summary Run();

  // The sessions begun: a line "HANDLE TOKEN" for each user.
  std::string Sessions() const;

 private:
  using Step = absl::Status (Seeder::*)(std::size_t);
  // Takes `step` for all that is not found yet and says how it went.
  Count DoMissing(const std::vector<char>& found, Step step);
  // Takes `step` for what was found, to see what there is of it.
  void LookAtFound(const std::vector<char>& found, Step step);

  absl::Status Enter(std::size_t user);
  absl::Status Import(std::size_t first, std::size_t end);
  // Matches what a user who existed shows and whom they follow with the plan.
  absl::Status LookAtUser(std::size_t user);
  absl::Status FindPhotos(std::size_t user);
  absl::Status Publish(std::size_t photo);
  absl::Status Follow(std::size_t follow);
  // Matches who likes a photo that existed and what they say with the plan.
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

#endif  // PINHOLE_CLIENT_CLI_SEED_SEEDER_H_
