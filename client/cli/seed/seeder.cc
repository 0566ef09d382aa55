// SPDX-License-Identifier: Apache-2.0

#include "client/cli/seed/seeder.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <sstream>
#include <tuple>
#include <utility>

#include "fmt/format.h"

namespace pinhole::cli::seed {
namespace {

constexpr int kAll = std::numeric_limits<int>::max();
// The server's limit.
constexpr std::size_t kMostImported = 1000;

// Which elements of `list` belong to each of `count` owners.
template <typename List, typename OwnerOf>
std::vector<std::vector<std::size_t>> Grouped(const List& list,
                                              std::size_t count,
                                              OwnerOf owner_of) {
  std::vector<std::vector<std::size_t>> groups(count);
  for (std::size_t i = 0; i < list.size(); ++i) {
    groups[owner_of(list[i])].push_back(i);
  }
  return groups;
}

std::size_t CountOf(const std::vector<char>& found) {
  return static_cast<std::size_t>(std::count(found.begin(), found.end(), 1));
}

absl::Status AnotherPassword(const Person& person) {
  return absl::UnauthenticatedError(fmt::format(
      "user {} exists already, with another password; give it with --password, "
      "or use another --seed",
      person.handle));
}

}  // namespace

std::size_t Summary::failed() const {
  return users.failed + photos.failed + follows.failed + likes.failed +
         comments.failed;
}

std::size_t Summary::made() const {
  std::size_t sum = 0;
  for (const Count* count : {&users, &photos, &follows, &likes, &comments}) {
    sum += count->done - count->found;
  }
  return sum;
}

Seeder::Seeder(client::Client client, const Plan& plan, std::string password,
               std::vector<std::filesystem::path> files, Crew& crew)
    : stranger_(std::move(client)),
      plan_(plan),
      password_(std::move(password)),
      files_(std::move(files)),
      crew_(crew),
      photos_of_(
          Grouped(plan.photos, plan.users.size(),
                  [](const PlannedPhoto& photo) { return photo.owner; })),
      follows_of_(Grouped(plan.follows, plan.users.size(),
                          [](const Edge& follow) { return follow.from; })),
      likes_of_(Grouped(plan.likes, plan.photos.size(),
                        [](const Edge& like) { return like.to; })),
      comments_of_(
          Grouped(plan.comments, plan.photos.size(),
                  [](const PlannedComment& comment) { return comment.photo; })),
      clients_(plan.users.size()),
      user_found_(plan.users.size()),
      photo_names_(plan.photos.size()),
      photo_found_(plan.photos.size()),
      follow_found_(plan.follows.size()),
      like_found_(plan.likes.size()),
      comment_found_(plan.comments.size()) {}

void Seeder::ImportAs(client::Client administrator) {
  administrator_ = std::move(administrator);
}

void Seeder::SignIn() {
  signed_in_ = true;
  const std::size_t users = plan_.users.size();
  if (administrator_) {
    // One at a time: the server uses all its cores for each, and several at
    // once would fill its queue of writes.
    const std::size_t most = crew_.PerSecond(kMostImported);
    const std::size_t imports = (users + most - 1) / most;
    const auto import = [&](std::size_t i) {
      return Import(users * i / imports, users * (i + 1) / imports);
    };
    if (imports > 0) {
      crew_.ForEach(imports, import, {.operations = users / imports});
    }
  } else {
    crew_.ForEach(users, [this](std::size_t user) { return Enter(user); });
  }
  for (const auto& client : clients_) ++(client ? users_.done : users_.failed);
  users_.found = CountOf(user_found_);
}

Summary Seeder::Run() {
  if (!signed_in_) SignIn();
  Summary summary;
  summary.users = users_;
  LookAtFound(user_found_, &Seeder::LookAtUser);
  summary.photos = DoMissing(photo_found_, &Seeder::Publish);
  summary.follows = DoMissing(follow_found_, &Seeder::Follow);
  LookAtFound(photo_found_, &Seeder::LookAtPhoto);
  summary.likes = DoMissing(like_found_, &Seeder::Like);
  summary.comments = DoMissing(comment_found_, &Seeder::Say);
  return summary;
}

std::string Seeder::Sessions() const {
  std::string lines;
  for (std::size_t user = 0; user < clients_.size(); ++user) {
    if (!clients_[user]) continue;
    lines += fmt::format("{} {}\n", plan_.users[user].handle,
                         clients_[user]->token());
  }
  return lines;
}

Count Seeder::DoMissing(const std::vector<char>& found, Step step) {
  std::vector<std::size_t> missing;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!found[i]) missing.push_back(i);
  }
  Count count;
  count.found = found.size() - missing.size();
  crew_.Skip(count.found);
  count.failed = crew_.ForEach(
      missing.size(), [&](std::size_t i) { return (this->*step)(missing[i]); });
  count.done = found.size() - count.failed;
  return count;
}

void Seeder::LookAtFound(const std::vector<char>& found, Step step) {
  std::vector<std::size_t> there;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i]) there.push_back(i);
  }
  crew_.Skip(found.size() - there.size());
  crew_.ForEach(there.size(),
                [&](std::size_t i) { return (this->*step)(there[i]); });
}

absl::Status Seeder::Enter(std::size_t user) {
  const Person& person = plan_.users[user];
  client::Client client = stranger_;
  // Registering a user who exists would cost a password hash before the server
  // rejects it.
  const auto known = client.GetUser(person.handle);
  bool found = known.ok();
  if (!found && !absl::IsNotFound(known.status())) return known.status();
  if (!found) {
    const auto registered =
        client.Register(person.handle, password_, person.display_name);
    found = absl::IsAlreadyExists(registered.status());
    if (!registered.ok() && !found) return registered.status();
  }
  const auto session = client.Login(person.handle, password_);
  if (absl::IsUnauthenticated(session.status())) {
    return AnotherPassword(person);
  }
  if (!session.ok()) return session.status();
  user_found_[user] = found ? 1 : 0;
  clients_[user] = std::move(client);
  return absl::OkStatus();
}

absl::Status Seeder::Import(std::size_t first, std::size_t end) {
  v1::ImportUsersRequest request;
  request.set_password(password_);
  request.set_with_sessions(true);
  for (std::size_t user = first; user < end; ++user) {
    v1::UserToImport& one = *request.add_users();
    one.set_handle(plan_.users[user].handle);
    one.set_display_name(plan_.users[user].display_name);
  }
  const auto answer = administrator_->ImportUsers(request);
  if (!answer.ok()) return answer.status();
  absl::Status status;
  for (std::size_t user = first; user < end; ++user) {
    const v1::ImportedUser& imported =
        answer->users(static_cast<int>(user - first));
    if (imported.token().empty()) {
      status.Update(AnotherPassword(plan_.users[user]));
      continue;
    }
    user_found_[user] = imported.created() ? 0 : 1;
    clients_[user] = stranger_;
    clients_[user]->set_token(imported.token());
  }
  return status;
}

absl::Status Seeder::LookAtUser(std::size_t user) {
  if (auto status = FindPhotos(user); !status.ok()) return status;
  if (follows_of_[user].empty()) return absl::OkStatus();
  const auto followed = clients_[user]->Following("me", kAll);
  if (!followed.ok()) return followed.status();
  std::set<std::string> handles;
  for (const v1::User& one : *followed) handles.insert(one.handle());
  for (const std::size_t i : follows_of_[user]) {
    const std::string& handle = plan_.users[plan_.follows[i].to].handle;
    follow_found_[i] = handles.contains(handle) ? 1 : 0;
  }
  return absl::OkStatus();
}

absl::Status Seeder::FindPhotos(std::size_t user) {
  if (publish_anew_ || photos_of_[user].empty()) return absl::OkStatus();
  const auto shown = clients_[user]->PhotosOf("me", kAll);
  if (!shown.ok()) return shown.status();
  using Key = std::tuple<std::string, std::string, v1::Visibility>;
  std::multimap<Key, std::string> names;
  // The list has the newest first; equal ones are matched oldest first.
  for (auto photo = shown->rbegin(); photo != shown->rend(); ++photo) {
    names.emplace(Key(photo->caption(), photo->alt_text(), photo->visibility()),
                  photo->name());
  }
  for (const std::size_t i : photos_of_[user]) {
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

absl::Status Seeder::Follow(std::size_t follow) {
  const Edge& edge = plan_.follows[follow];
  const auto client = As(edge.from);
  if (!client.ok()) return client.status();
  return (*client)->Follow(plan_.users[edge.to].handle).status();
}

absl::Status Seeder::LookAtPhoto(std::size_t photo) {
  if (auto status = FindComments(photo); !status.ok()) return status;
  if (likes_of_[photo].empty()) return absl::OkStatus();
  const auto owner = As(plan_.photos[photo].owner);
  if (!owner.ok()) return owner.status();
  const auto liked = (*owner)->Likes(photo_names_[photo], kAll);
  if (!liked.ok()) return liked.status();
  std::set<std::string> handles;
  for (const v1::Like& like : *liked) {
    handles.insert(client::HandleOf(like.user()));
  }
  for (const std::size_t i : likes_of_[photo]) {
    const std::string& handle = plan_.users[plan_.likes[i].from].handle;
    like_found_[i] = handles.contains(handle) ? 1 : 0;
  }
  return absl::OkStatus();
}

absl::Status Seeder::FindComments(std::size_t photo) {
  if (comments_of_[photo].empty()) return absl::OkStatus();
  const auto owner = As(plan_.photos[photo].owner);
  if (!owner.ok()) return owner.status();
  const auto said = (*owner)->Comments(photo_names_[photo], kAll);
  if (!said.ok()) return said.status();
  std::multimap<std::string, std::string> texts;
  for (const v1::Comment& comment : *said) {
    texts.emplace(client::HandleOf(comment.author()), comment.text());
  }
  for (const std::size_t i : comments_of_[photo]) {
    const PlannedComment& planned = plan_.comments[i];
    auto [next, end] = texts.equal_range(plan_.users[planned.user].handle);
    while (next != end && next->second != planned.text) ++next;
    if (next == end) continue;
    comment_found_[i] = 1;
    texts.erase(next);
  }
  return absl::OkStatus();
}

absl::Status Seeder::Like(std::size_t like) {
  const Edge& edge = plan_.likes[like];
  const auto client = As(edge.from);
  if (!client.ok()) return client.status();
  const auto photo = NameOf(edge.to);
  if (!photo.ok()) return photo.status();
  return (*client)->Like(*photo).status();
}

absl::Status Seeder::Say(std::size_t comment) {
  const PlannedComment& planned = plan_.comments[comment];
  const auto client = As(planned.user);
  if (!client.ok()) return client.status();
  const auto photo = NameOf(planned.photo);
  if (!photo.ok()) return photo.status();
  return (*client)->Comment(*photo, planned.text, planned.request_id).status();
}

absl::StatusOr<const client::Client*> Seeder::As(std::size_t user) const {
  if (clients_[user]) return &*clients_[user];
  return absl::FailedPreconditionError("the user could not sign in");
}

absl::StatusOr<std::string> Seeder::NameOf(std::size_t photo) const {
  if (!photo_names_[photo].empty()) return photo_names_[photo];
  return absl::FailedPreconditionError("the photo was not published");
}

}  // namespace pinhole::cli::seed
