// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_TESTS_CONTRACT_RANDOM_COMMANDS_H_
#define PINHOLE_TESTS_CONTRACT_RANDOM_COMMANDS_H_

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

// Random commands of every kind about a few users and photos that meet often.
// Most are valid; some are about what is gone, was never there, or is somebody
// else's.  The same seed and the same answers give the same commands.
class RandomCommands {
 public:
  RandomCommands(unsigned seed, const Clock& clock);

  Command Next();
  WriteOptions Options();
  // Takes note of what a command led to.
  void Learn(const Command& command, const CommandResult& result);

  // Something to ask about, often what the last commands touched.
  Topic ATopic();
  // Everything that exists and did, seen by everybody and by nobody.
  std::vector<Topic> AllTopics() const;

  // How long until the next command; sometimes the clock is set back.
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
  // The owner as a rule.
  UserId OwnerOf(PhotoId photo);
  RequestKey ARequest();
  std::string AText();
  std::string ANewFileKey();
  PhotoDigests SomeDigests();
  absl::Time AnEnd();

  std::mt19937 random_;
  const Clock& clock_;
  std::vector<std::string> handles_;  // That people may take.
  int serial_;
  std::vector<KnownUser> users_, gone_users_;
  std::vector<KnownPhoto> photos_, gone_photos_;
  std::vector<Session> sessions_;
  std::vector<Comment> comments_;
  std::optional<Command> last_create_;
  // Of the last few commands.
  std::vector<UserId> touched_users_;
  std::vector<PhotoId> touched_photos_;
};

}  // namespace pinhole::testing

#endif  // PINHOLE_TESTS_CONTRACT_RANDOM_COMMANDS_H_
