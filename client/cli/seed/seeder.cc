// SPDX-License-Identifier: Apache-2.0

#include "client/cli/seed/seeder.h"

#include <algorithm>
#include <limits>
#include <map>
#include <sstream>
#include <tuple>
#include <utility>

#include "fmt/format.h"

namespace pinhole::cli::seed {
namespace {

constexpr int kAll = std::numeric_limits<int>::max();

Count Finish(std::size_t planned, std::size_t failed,
             const std::vector<char>& found) {
  Count count;
  count.failed = failed;
  count.done = planned - failed;
  count.found = std::count(found.begin(), found.end(), 1);
  return count;
}

}  // namespace

std::size_t Summary::failed() const {
  return users.failed + photos.failed + follows.failed + likes.failed +
         comments.failed;
}

Seeder::Seeder(client::Client client, const Plan& plan, std::string password,
               std::vector<std::filesystem::path> files, Crew& crew)
    : stranger_(std::move(client)),
      plan_(plan),
      password_(std::move(password)),
      files_(std::move(files)),
      crew_(crew),
      clients_(plan.users.size()),
      user_found_(plan.users.size()),
      photo_names_(plan.photos.size()),
      photo_found_(plan.photos.size()),
      comment_found_(plan.comments.size()) {}

Summary Seeder::Run() {
  Summary summary;
  const auto work = [this](std::size_t count, auto method) {
    return crew_.ForEach(count,
                         [&](std::size_t i) { return (this->*method)(i); });
  };
  const std::size_t users = plan_.users.size();
  const std::size_t photos = plan_.photos.size();
  summary.users = Finish(users, work(users, &Seeder::SignIn), user_found_);
  work(users, &Seeder::FindPhotos);
  summary.photos = Finish(photos, work(photos, &Seeder::Publish), photo_found_);
  const std::size_t follows = plan_.follows.size();
  const auto follow = [this](std::size_t i) -> absl::Status {
    const Edge& edge = plan_.follows[i];
    const auto client = As(edge.from);
    if (!client.ok()) return client.status();
    return (*client)->Follow(plan_.users[edge.to].handle).status();
  };
  summary.follows = Finish(follows, crew_.ForEach(follows, follow), {});
  const std::size_t likes = plan_.likes.size();
  const auto like = [this](std::size_t i) -> absl::Status {
    const Edge& edge = plan_.likes[i];
    const auto client = As(edge.from);
    if (!client.ok()) return client.status();
    const auto photo = NameOf(edge.to);
    if (!photo.ok()) return photo.status();
    return (*client)->Like(*photo).status();
  };
  summary.likes = Finish(likes, crew_.ForEach(likes, like), {});
  work(photos, &Seeder::FindComments);
  const std::size_t comments = plan_.comments.size();
  summary.comments =
      Finish(comments, work(comments, &Seeder::Say), comment_found_);
  return summary;
}

absl::Status Seeder::SignIn(std::size_t user) {
  const Person& person = plan_.users[user];
  client::Client client = stranger_;
  const auto registered =
      client.Register(person.handle, password_, person.display_name);
  if (!registered.ok() && !absl::IsAlreadyExists(registered.status())) {
    return registered.status();
  }
  const auto session = client.Login(person.handle, password_);
  if (absl::IsUnauthenticated(session.status())) {
    return absl::UnauthenticatedError(fmt::format(
        "user {} is there already, with another password", person.handle));
  }
  if (!session.ok()) return session.status();
  user_found_[user] = registered.ok() ? 0 : 1;
  clients_[user] = std::move(client);
  return absl::OkStatus();
}

absl::Status Seeder::FindPhotos(std::size_t user) {
  if (!user_found_[user]) return absl::OkStatus();
  const auto shown = (*clients_[user]).PhotosOf("me", kAll);
  if (!shown.ok()) return shown.status();
  using Key = std::tuple<std::string, std::string, v1::Visibility>;
  std::multimap<Key, std::string> names;
  // The list has the newest first; equal ones are matched oldest first.
  for (auto photo = shown->rbegin(); photo != shown->rend(); ++photo) {
    names.emplace(Key(photo->caption(), photo->alt_text(), photo->visibility()),
                  photo->name());
  }
  for (std::size_t i = 0; i < plan_.photos.size(); ++i) {
    if (plan_.photos[i].owner != user) continue;
    const client::Upload& upload = plan_.photos[i].upload;
    const auto match =
        names.find(Key(upload.caption, upload.alt_text, upload.visibility));
    if (match == names.end()) continue;
    photo_names_[i] = match->second;
    photo_found_[i] = 1;
    names.erase(match);
  }
  return absl::OkStatus();
}

absl::Status Seeder::Publish(std::size_t photo) {
  if (photo_found_[photo]) return absl::OkStatus();
  const PlannedPhoto& planned = plan_.photos[photo];
  const auto client = As(planned.owner);
  if (!client.ok()) return client.status();
  absl::StatusOr<v1::Photo> published;
  if (files_.empty()) {
    const auto file = EncodeJpeg(Paint(planned.picture_seed));
    if (!file.ok()) return file.status();
    std::istringstream bytes(*file);
    published = (*client)->UploadPhoto(bytes, planned.upload);
  } else {
    published = (*client)->UploadPhoto(files_[planned.file], planned.upload);
  }
  if (!published.ok()) return published.status();
  photo_names_[photo] = published->name();
  return absl::OkStatus();
}

absl::Status Seeder::FindComments(std::size_t photo) {
  if (!photo_found_[photo]) return absl::OkStatus();
  const auto owner = As(plan_.photos[photo].owner);
  if (!owner.ok()) return owner.status();
  const auto said = (*owner)->Comments(photo_names_[photo], kAll);
  if (!said.ok()) return said.status();
  std::multimap<std::string, std::string> texts;
  for (const v1::Comment& comment : *said) {
    texts.emplace(client::HandleOf(comment.author()), comment.text());
  }
  for (std::size_t i = 0; i < plan_.comments.size(); ++i) {
    const PlannedComment& planned = plan_.comments[i];
    if (planned.photo != photo) continue;
    auto [next, end] = texts.equal_range(plan_.users[planned.user].handle);
    while (next != end && next->second != planned.text) ++next;
    if (next == end) continue;
    comment_found_[i] = 1;
    texts.erase(next);
  }
  return absl::OkStatus();
}

absl::Status Seeder::Say(std::size_t comment) {
  if (comment_found_[comment]) return absl::OkStatus();
  const PlannedComment& planned = plan_.comments[comment];
  const auto client = As(planned.user);
  if (!client.ok()) return client.status();
  const auto photo = NameOf(planned.photo);
  if (!photo.ok()) return photo.status();
  return (*client)->Comment(*photo, planned.text, planned.request_id).status();
}

absl::StatusOr<const client::Client*> Seeder::As(std::size_t user) const {
  if (clients_[user]) return &*clients_[user];
  return absl::FailedPreconditionError("its user could not sign in");
}

absl::StatusOr<std::string> Seeder::NameOf(std::size_t photo) const {
  if (!photo_names_[photo].empty()) return photo_names_[photo];
  return absl::FailedPreconditionError("its photo was not published");
}

}  // namespace pinhole::cli::seed
