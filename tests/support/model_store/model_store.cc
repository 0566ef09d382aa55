// SPDX-License-Identifier: Apache-2.0

#include "tests/support/model_store/model_store.h"

#include <algorithm>
#include <random>
#include <utility>
#include <variant>

#include "base/errors.h"
#include "tests/support/model_store/apply.h"
#include "tests/support/model_store/view.h"

namespace pinhole::testing {
namespace {

using model::Rows;
using model::View;

constexpr int kSecretBytes = 32;

absl::Status Closed() {
  return MakeError(Reason::kShuttingDown, "the store is closed");
}

std::string NewSecret() {
  std::random_device random;
  std::string secret;
  for (int i = 0; i < kSecretBytes; ++i) {
    secret.push_back(static_cast<char>(random() & 0xff));
  }
  return secret;
}

template <typename Condition>
absl::StatusOr<Credentials> CredentialsOf(const Rows& rows,
                                          Condition condition) {
  const model::UserRow* const user = model::Find(rows.users, condition);
  if (user == nullptr) return model::NoSuchUser();
  return Credentials{user->id, user->handle, user->password_hash,
                     user->administrator};
}

}  // namespace

ModelStore::ModelStore(const Clock& clock, NodeOf node_of)
    : clock_(clock), node_of_(std::move(node_of)), secret_(NewSecret()) {}

void ModelStore::Submit(Command command, WriteOptions options, Done done) {
  done(Run(command, options));
}

absl::StatusOr<CommandResult> ModelStore::Run(const Command& command,
                                              WriteOptions options) {
  const absl::MutexLock lock(&mutex_);
  if (closed_) return Closed();
  const absl::Time now = clock_.Now();
  if (now >= options.deadline) {
    ++stats_.commands_expired;
    return MakeError(
        Reason::kWriteExpired,
        "the deadline passed while the write was waiting; it has no effect");
  }
  model::WriteTransaction transaction{rows_, model::WholeMilliseconds(now),
                                      node_of_ ? node_of_(command) : 0};
  absl::StatusOr<CommandResult> result = std::visit(
      [&transaction](const auto& c) -> absl::StatusOr<CommandResult> {
        auto applied = Apply(transaction, c);
        if (!applied.ok()) return std::move(applied).status();
        return CommandResult(*std::move(applied));
      },
      command);
  ++stats_.commands;
  ++stats_.commits;
  if (!result.ok()) ++stats_.commands_failed;
  return result;
}

template <typename T, typename Work>
absl::StatusOr<T> ModelStore::Read(Work work) const {
  const absl::MutexLock lock(&mutex_);
  if (closed_) return Closed();
  return work(rows_);
}

absl::StatusOr<User> ModelStore::FindUser(UserId viewer, UserId user) const {
  return Read<User>(
      [&](const Rows& rows) { return View(rows, viewer).FindUser(user); });
}

absl::StatusOr<User> ModelStore::FindUser(UserId viewer,
                                          std::string_view handle) const {
  return Read<User>(
      [&](const Rows& rows) { return View(rows, viewer).FindUser(handle); });
}

absl::StatusOr<std::vector<User>> ModelStore::SearchUsers(
    UserId viewer, std::string_view prefix, std::string_view after,
    int limit) const {
  return Read<std::vector<User>>([&](const Rows& rows) {
    return View(rows, viewer).SearchUsers(prefix, after, limit);
  });
}

absl::StatusOr<Credentials> ModelStore::FindCredentials(
    std::string_view handle) const {
  return Read<Credentials>([&](const Rows& rows) {
    return CredentialsOf(rows,
                         [&](const auto& u) { return u.handle == handle; });
  });
}

absl::StatusOr<Credentials> ModelStore::FindCredentials(UserId user) const {
  return Read<Credentials>([&](const Rows& rows) {
    return CredentialsOf(rows, [&](const auto& u) { return u.id == user; });
  });
}

absl::StatusOr<std::vector<std::string>> ModelStore::ListAdministrators()
    const {
  return Read<std::vector<std::string>>([](const Rows& rows) {
    std::vector<std::string> handles;
    for (const model::UserRow& user : rows.users) {
      if (user.administrator) handles.push_back(user.handle);
    }
    std::sort(handles.begin(), handles.end());
    return handles;
  });
}

absl::StatusOr<Page<Removal>> ModelStore::ListRemovals(PageRequest page) const {
  return Read<Page<Removal>>(
      [&](const Rows& rows) { return View(rows, {}).ListRemovals(page); });
}

absl::StatusOr<Session> ModelStore::FindSession(
    std::string_view token_hash) const {
  const absl::Time now = clock_.Now();
  return Read<Session>([&](const Rows& rows) -> absl::StatusOr<Session> {
    const Session* const session =
        model::Find(rows.sessions, [&](const Session& s) {
          return s.token_hash == token_hash && s.expire_time > now;
        });
    if (session == nullptr) {
      return MakeError(Reason::kSessionNotFound, "there is no such session");
    }
    return model::ShowSession(rows, *session);
  });
}

absl::StatusOr<Page<Session>> ModelStore::ListSessions(UserId user,
                                                       PageRequest page) const {
  const absl::Time now = clock_.Now();
  return Read<Page<Session>>([&](const Rows& rows) {
    return View(rows, user).ListSessions(page, now);
  });
}

absl::StatusOr<Photo> ModelStore::FindPhoto(UserId viewer,
                                            PhotoId photo) const {
  return Read<Photo>(
      [&](const Rows& rows) { return View(rows, viewer).FindPhoto(photo); });
}

absl::StatusOr<Page<Photo>> ModelStore::ListPhotos(UserId viewer, UserId owner,
                                                   PageRequest page) const {
  return Read<Page<Photo>>([&](const Rows& rows) {
    return View(rows, viewer).ListPhotos(owner, page);
  });
}

absl::StatusOr<Page<Photo>> ModelStore::ListRecentPhotos(
    UserId viewer, PageRequest page) const {
  return Read<Page<Photo>>([&](const Rows& rows) {
    return View(rows, viewer).ListRecentPhotos(page);
  });
}

absl::StatusOr<Page<Photo>> ModelStore::ListFeed(UserId viewer,
                                                 PageRequest page) const {
  return Read<Page<Photo>>(
      [&](const Rows& rows) { return View(rows, viewer).ListFeed(page); });
}

absl::StatusOr<std::vector<Photo>> ModelStore::ListFeedSince(UserId viewer,
                                                             PhotoId after,
                                                             int limit) const {
  return Read<std::vector<Photo>>([&](const Rows& rows) {
    return View(rows, viewer).ListFeedSince(after, limit);
  });
}

absl::StatusOr<PhotoId> ModelStore::LatestPhoto() const {
  return Read<PhotoId>([](const Rows& rows) {
    return rows.photos.empty() ? PhotoId{} : rows.photos.back().id;
  });
}

absl::StatusOr<Page<User>> ModelStore::ListFollowers(UserId viewer, UserId user,
                                                     PageRequest page) const {
  return Read<Page<User>>([&](const Rows& rows) {
    return View(rows, viewer).ListFollowers(user, page);
  });
}

absl::StatusOr<Page<User>> ModelStore::ListFollowing(UserId viewer, UserId user,
                                                     PageRequest page) const {
  return Read<Page<User>>([&](const Rows& rows) {
    return View(rows, viewer).ListFollowing(user, page);
  });
}

absl::StatusOr<Page<Like>> ModelStore::ListLikes(UserId viewer, PhotoId photo,
                                                 PageRequest page) const {
  return Read<Page<Like>>([&](const Rows& rows) {
    return View(rows, viewer).ListLikes(photo, page);
  });
}

absl::StatusOr<Page<Comment>> ModelStore::ListComments(UserId viewer,
                                                       PhotoId photo,
                                                       PageRequest page) const {
  return Read<Page<Comment>>([&](const Rows& rows) {
    return View(rows, viewer).ListComments(photo, page);
  });
}

absl::StatusOr<Page<std::string>> ModelStore::ListBlocks(
    UserId user, PageRequest page) const {
  return Read<Page<std::string>>(
      [&](const Rows& rows) { return View(rows, user).ListBlocks(page); });
}

absl::StatusOr<Page<Notification>> ModelStore::ListNotifications(
    UserId user, PageRequest page) const {
  return Read<Page<Notification>>([&](const Rows& rows) {
    return View(rows, user).ListNotifications(page);
  });
}

absl::StatusOr<std::int64_t> ModelStore::FindRequest(
    const RequestKey& request) const {
  const absl::Time now = clock_.Now();
  return Read<std::int64_t>(
      [&](const Rows& rows) { return model::FindRequest(rows, request, now); });
}

absl::StatusOr<bool> ModelStore::HasFileKey(std::string_view file_key) const {
  return Read<bool>([&](const Rows& rows) {
    return model::Any(rows.photos,
                      [&](const Photo& p) { return p.file_key == file_key; });
  });
}

absl::StatusOr<std::vector<std::string>> ModelStore::ListGarbage(
    int limit) const {
  return Read<std::vector<std::string>>([&](const Rows& rows) {
    std::vector<std::string> keys(rows.garbage.begin(), rows.garbage.end());
    keys.resize(std::min(keys.size(), static_cast<std::size_t>(limit)));
    return keys;
  });
}

absl::StatusOr<std::vector<Photo>> ModelStore::ListOutdated(
    std::int32_t version, int limit) const {
  return Read<std::vector<Photo>>([&](const Rows& rows) {
    std::vector<Photo> outdated;
    for (const Photo& photo : rows.photos) {
      if (photo.rendition_version < version) {
        outdated.push_back(View(rows, UserId{}).Show(photo));
      }
    }
    std::sort(outdated.begin(), outdated.end(),
              [](const Photo& a, const Photo& b) {
                return a.rendition_version != b.rendition_version
                           ? a.rendition_version < b.rendition_version
                           : a.id > b.id;
              });
    outdated.resize(std::min(outdated.size(), static_cast<std::size_t>(limit)));
    return outdated;
  });
}

absl::StatusOr<std::int64_t> ModelStore::CountOutdated(
    std::int32_t version) const {
  return Read<std::int64_t>([&](const Rows& rows) {
    return model::Count(rows.photos, [&](const Photo& p) {
      return p.rendition_version < version;
    });
  });
}

StoreStats ModelStore::Stats() const {
  const absl::MutexLock lock(&mutex_);
  StoreStats stats = stats_;
  stats.rows = {std::ssize(rows_.users), std::ssize(rows_.photos),
                std::ssize(rows_.sessions)};
  return stats;
}

void ModelStore::Close() {
  const absl::MutexLock lock(&mutex_);
  closed_ = true;
}

Rows ModelStore::rows() const {
  const absl::MutexLock lock(&mutex_);
  return rows_;
}

}  // namespace pinhole::testing
