// SPDX-License-Identifier: Apache-2.0

#include "client/lab/load/request_factory.h"

#include "client/lab/load/calls.h"
#include "fmt/format.h"
#include "pinhole/v1/social_service.pb.h"
#include "pinhole/v1/user_service.pb.h"

namespace pinhole::lab {
namespace {

// Changes the flag `number` of `flags`, which are false to begin with.
bool Toggle(std::vector<bool>& flags, std::size_t number) {
  if (flags.size() <= number) flags.resize(number + 1);
  flags[number] = !flags[number];
  return flags[number];
}

}  // namespace

RequestFactory::RequestFactory(const World& world, Dialect dialect, bool skewed,
                               std::uint64_t seed)
    : world_(world),
      dialect_(dialect),
      skewed_(skewed),
      stream_(seed),
      random_(seed),
      photo_ranks_(world.photos.size(), kYcsbTheta, random_),
      user_ranks_(world.users.size(), kYcsbTheta, random_) {}

Person RequestFactory::Newcomer() {
  const std::string handle =
      fmt::format("{}n{:x}x{}", world_.run, stream_ & 0xffff, newcomers_++);
  return {handle, LabPassword(handle), ""};
}

std::size_t RequestFactory::PhotoNumber() {
  return skewed_ ? photo_ranks_.Draw(random_)
                 : random_.Below(world_.photos.size());
}

std::size_t RequestFactory::UserNumber() {
  return skewed_ ? user_ranks_.Draw(random_)
                 : random_.Below(world_.users.size());
}

const std::string& RequestFactory::Photo(const Person& person) {
  return person.seen.empty() ? world_.photos[PhotoNumber()]
                             : random_.Pick(person.seen);
}

Request RequestFactory::Like(Person& person) {
  if (!person.seen.empty()) {
    return SetLike(dialect_, random_.Pick(person.seen), true);
  }
  const std::size_t photo = PhotoNumber();
  return SetLike(dialect_, world_.photos[photo], Toggle(person.liked, photo));
}

Request RequestFactory::Follow(Person& person) {
  std::size_t user = UserNumber();
  // Nobody follows themselves.
  if (world_.users[user] == "users/" + person.handle) {
    user = (user + 1) % world_.users.size();
  }
  return SetFollow(dialect_, world_.users[user], Toggle(person.followed, user));
}

Request RequestFactory::Write(Operation operation, Person& person) {
  const auto write = [&] {
    switch (operation) {
      case Operation::kRegister:
        return Register(dialect_, person.handle, person.password);
      case Operation::kLogin:
        return LogIn(dialect_, person.handle, person.password);
      case Operation::kFeed:
        return Feed(dialect_);
      case Operation::kProfile:
        return PhotosOf(dialect_, world_.users[UserNumber()]);
      case Operation::kPhoto:
        return GetPhoto(dialect_, Photo(person));
      case Operation::kDownload:
        return Thumbnail(dialect_, Photo(person));
      case Operation::kLike:
        return Like(person);
      case Operation::kFollow:
        return Follow(person);
      case Operation::kComment:
        return Comment(dialect_, Photo(person),
                       fmt::format("Lab comment {}", texts_++));
      case Operation::kUpload:
        return Upload(dialect_, random_.Pick(world_.pictures));
    }
    return Request();
  };
  Request made = write();
  if (operation != Operation::kRegister && operation != Operation::kLogin) {
    made.authorization = person.authorization;
  }
  return made;
}

bool RequestFactory::Read(Operation operation, const Outcome& outcome,
                          Person& person) const {
  if (operation == Operation::kLogin) {
    v1::Session session;
    if (!ParseAnswer(dialect_, outcome.body, session) ||
        session.token().empty()) {
      return false;
    }
    person.authorization = "Bearer " + session.token();
  }
  if (operation == Operation::kFeed) {
    v1::GetFeedResponse feed;
    if (!ParseAnswer(dialect_, outcome.body, feed)) return false;
    person.seen.clear();
    for (const v1::Photo& photo : feed.photos()) {
      person.seen.push_back(photo.name());
    }
  }
  return true;
}

}  // namespace pinhole::lab
