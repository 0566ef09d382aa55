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
};

// Carries out a plan through the public API.  What is there already, from an
// earlier or a broken-off run of the same plan, is found and not doubled.
class Seeder {
 public:
  // `client` need not be signed in.  `files` are those of the plan's options,
  // with their folder.  `plan` and `crew` must outlive this object.
  Seeder(client::Client client, const Plan& plan, std::string password,
         std::vector<std::filesystem::path> files, Crew& crew);

  Summary Run();

 private:
  absl::Status SignIn(std::size_t user);
  // Matches what a user who existed shows with what the plan has them show.
  absl::Status FindPhotos(std::size_t user);
  absl::Status Publish(std::size_t photo);
  // Matches what is said about a photo that existed with the plan.
  absl::Status FindComments(std::size_t photo);
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
  // One element for each part of the plan; written by the thread that works on
  // it, read in later phases.  No vector<bool>: its elements share bytes.
  std::vector<std::optional<client::Client>> clients_;
  std::vector<char> user_found_;
  std::vector<std::string> photo_names_;
  std::vector<char> photo_found_;
  std::vector<char> comment_found_;
};

}  // namespace pinhole::cli::seed

#endif  // PINHOLE_CLIENT_CLI_SEED_SEEDER_H_
