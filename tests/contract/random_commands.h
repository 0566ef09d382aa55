// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "base/clock.h"
#include "server/store/commands.h"
#include "server/store/store.h"
#include "tests/contract/questions.h"

namespace pinhole::testing {

// Random commands of every kind about a few users and photos.  Most are valid;
// some refer to objects that are deleted, never existed, or belong to another
// user.  The same seed and the same answers give the same commands.
class RandomCommands {
 public:
  RandomCommands(unsigned seed, const Clock& clock);

  Command Next();
  WriteOptions Options();
  // Records the result of a command.
  void Learn(const Command& command, const CommandResult& result);

  // A random topic, often of the last commands.
  Topic ATopic();
  // All existing and deleted objects, for all viewers.
  std::vector<Topic> AllTopics() const;

  // The time until the next command; sometimes negative.
  absl::Duration APause();
  // Below `n`.
  int Pick(int n) { return static_cast<int>(random_() % n); }

 private:
  struct KnownUser {
    UserId id;
    std::string handle;
  };
  struct KnownPhoto {
    PhotoId id;
    UserId owner;
    std::string file_key;
  };

  bool Chance(int percent) { return Pick(100) < percent; }
  template <typename T>
  const T& One(const std::vector<T>& of) {
    return of[Pick(static_cast<int>(of.size()))];
  }
  template <typename T>
  std::optional<T> Maybe(T value) {
    return Chance(50) ? std::optional<T>(std::move(value)) : std::nullopt;
  }

  Command NextAboutAccounts();
  Command NextAboutSessions();
  Command NextAboutPhotos();
  ReplacePhotoFiles OtherFilesFor(PhotoId photo);
  Command NextAboutPeople();
  Command NextAboutLikesAndComments();
  Command AgainWhatWasCreated();

  UserId AUser();
  PhotoId APhoto();
  // Usually the owner.
  UserId OwnerOf(PhotoId photo);
  RequestKey ARequest();
  std::string AText();
  // Sometimes it is not recorded as an upload, or no longer.
  std::string TakeFileKey();
  std::string ANewFileKey();
  PhotoDigests SomeDigests();
  absl::Time AnEnd();

  std::mt19937 random_;
  const Clock& clock_;
  std::vector<std::string> handles_;  // Candidates for new users.
  int serial_;
  std::vector<KnownUser> users_, gone_users_;
  std::vector<KnownPhoto> photos_, gone_photos_;
  std::vector<Session> sessions_;
  std::vector<Comment> comments_;
  std::vector<std::string> uploads_;  // Recorded file keys.
  std::optional<Command> last_create_;
  // From the last few commands.
  std::vector<UserId> touched_users_;
  std::vector<PhotoId> touched_photos_;
};

}  // namespace pinhole::testing
