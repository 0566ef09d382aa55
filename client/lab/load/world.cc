// SPDX-License-Identifier: Apache-2.0

#include "client/lab/load/world.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "client/lab/load/caller.h"
#include "client/lab/load/calls.h"
#include "fmt/format.h"
#include "pinhole/names.h"
#include "pinhole/v1/photo_service.pb.h"
#include "pinhole/v1/user_service.pb.h"

namespace pinhole::lab {
namespace {

// The number of pictures that uploads use in turn.
constexpr std::size_t kPictures = 4;
// Seeded users whose password is tried before new users are created.
constexpr int kTriedPasswords = 3;
// How many users a new user follows.
constexpr std::size_t kFollows = 20;

// Begins the handles of this run: short, and unlike those of another run.
std::string NewRun() {
  return fmt::format("{}{:x}", kRunPrefix,
                     absl::ToUnixMillis(absl::Now()) & 0xffffffff);
}

// Lines "HANDLE TOKEN".
absl::StatusOr<std::vector<Person>> FromFile(const SurveyOptions& options) {
  const auto limit = static_cast<std::size_t>(options.people);
  std::ifstream file(options.sessions);
  if (!file) {
    return absl::NotFoundError(fmt::format(
        "--sessions: cannot read {0}; `{1} --sessions {0}` writes it",
        options.sessions, options.seed_command));
  }
  std::vector<Person> people;
  std::string line;
  while (people.size() < limit && std::getline(file, line)) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    if (words.size() != 2) {
      return absl::InvalidArgumentError(
          fmt::format("--sessions: line {1} of {0} must be HANDLE TOKEN",
                      options.sessions, people.size() + 1));
    }
    people.push_back({words[0], "", "Bearer " + words[1]});
  }
  if (people.empty()) {
    return absl::InvalidArgumentError(
        fmt::format("--sessions: {} is empty", options.sessions));
  }
  return people;
}

// Finds public photos and their owners.
absl::Status LookAround(Caller& caller, const SurveyOptions& options,
                        World& world) {
  const auto limit = static_cast<std::size_t>(options.photos);
  std::set<std::string> owners;
  std::string page_token;
  do {
    const auto page = caller.Get<v1::ListRecentPhotosResponse>(
        RecentPhotos(caller.dialect(), page_token));
    if (!page.ok()) return page.status();
    for (const v1::Photo& photo : page->photos()) {
      world.photos.push_back(photo.name());
      if (owners.insert(photo.owner()).second) {
        world.users.push_back(photo.owner());
      }
    }
    page_token = page->next_page_token();
  } while (!page_token.empty() && world.photos.size() < limit);
  if (world.photos.empty()) {
    return absl::FailedPreconditionError(fmt::format(
        "the server has no photos, so there is nothing to measure; fill it "
        "with `{}` first",
        options.seed_command));
  }
  return absl::OkStatus();
}

absl::StatusOr<Person> SignInAs(Caller& caller, const std::string& handle,
                                const std::string& password) {
  const auto session =
      caller.Get<v1::Session>(LogIn(caller.dialect(), handle, password));
  if (!session.ok()) return session.status();
  return Person{handle, password, "Bearer " + session->token()};
}

// Signs in as many of the seeded users as are wanted; none if the password is
// wrong.
absl::Status SignInSeeded(Caller& caller, const SurveyOptions& options,
                          World& world) {
  int refused = 0;
  for (const std::string& name : world.users) {
    if (world.people.size() >= static_cast<std::size_t>(options.people)) break;
    auto person = SignInAs(caller, client::HandleOf(name), options.password);
    if (absl::IsUnauthenticated(person.status())) {
      // Some users may have changed their password, but hardly the first few.
      if (++refused == kTriedPasswords && world.people.empty()) break;
      continue;
    }
    if (!person.ok()) return person.status();
    world.people.push_back(*std::move(person));
  }
  return absl::OkStatus();
}

// Registers another person, who is part of `world` from then on, also after an
// error: somebody has to delete the account.
absl::Status AddPerson(Caller& caller, World& world) {
  const std::size_t number = world.people.size();
  const std::string handle = fmt::format("{}p{}", world.run, number);
  const std::string password = LabPassword(handle);
  const auto made = caller.Do(Register(caller.dialect(), handle, password));
  if (!made.ok()) return made.status();
  world.people.push_back(Person{handle, password, ""});
  auto person = SignInAs(caller, handle, password);
  if (!person.ok()) return person.status();
  for (std::size_t i = 0; i < std::min(kFollows, world.users.size()); ++i) {
    Request follow = SetFollow(
        caller.dialect(), world.users[(number + i) % world.users.size()], true);
    follow.authorization = person->authorization;
    const auto followed = caller.Do(std::move(follow));
    if (!followed.ok()) return followed.status();
  }
  world.people.back() = *std::move(person);
  return absl::OkStatus();
}

absl::Status FindPeople(Caller& caller, const SurveyOptions& options,
                        World& world) {
  const auto wanted = static_cast<std::size_t>(options.people);
  if (!options.sessions.empty()) {
    auto people = FromFile(options);
    if (!people.ok()) return people.status();
    world.people = *std::move(people);
    return absl::OkStatus();
  }
  if (auto status = SignInSeeded(caller, options, world); !status.ok()) {
    return status;
  }
  while (world.people.size() < wanted) {
    auto status = AddPerson(caller, world);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

std::string LabPassword(const std::string& handle) {
  return handle + "-password";
}

absl::StatusOr<World> Survey(Transport& transport, Dialect dialect,
                             const SurveyOptions& options) {
  Caller caller(transport, dialect);
  World world;
  world.run = NewRun();
  if (auto status = LookAround(caller, options, world); !status.ok()) {
    return status;
  }
  for (std::size_t i = 0; options.pictures && i < kPictures; ++i) {
    auto picture = caller.Download(
        LargePicture(dialect, world.photos[i % world.photos.size()]));
    if (!picture.ok()) return picture.status();
    world.pictures.push_back(*std::move(picture));
  }
  // Last, because an error after it would have to delete these users.
  if (auto status = FindPeople(caller, options, world); !status.ok()) {
    Forget(transport, dialect, world);
    return status;
  }
  return world;
}

void Forget(Transport& transport, Dialect dialect, const World& world) {
  Caller caller(transport, dialect);
  for (const Person& person : world.people) {
    if (!absl::StartsWith(person.handle, world.run)) continue;
    const auto signed_in =
        person.authorization.empty()
            ? SignInAs(caller, person.handle, person.password)
            : absl::StatusOr<Person>(person);
    if (!signed_in.ok()) continue;
    Request request = DeleteUser(dialect, person.handle, person.password);
    request.authorization = signed_in->authorization;
    // The run has ended, so an account that cannot be deleted stays.
    const absl::Status status = caller.Do(std::move(request)).status();
    if (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status)) return;
  }
}

}  // namespace pinhole::lab
