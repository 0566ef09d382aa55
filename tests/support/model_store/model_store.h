// SPDX-License-Identifier: Apache-2.0

// A store in memory: the reference that other stores are compared with, and the
// fake for unit tests.

#pragma once

#include <functional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "server/store/store.h"
#include "tests/support/model_store/rows.h"

namespace pinhole::testing {

// Simple rather than fast: one mutex, rows in vectors, and no derived data.
// Runs commands inside `Submit`, so their order is the order of the calls.
// Assigns the same ids as the SQLite store for the same commands at the same
// times, and uses them as page keys.  Thread-safe.
class ModelStore final : public Store, public StoreReader {
 public:
  // The node (store::IdSequence) whose ids a command uses.
  using NodeOf = std::function<int(const Command& command)>;

  // `clock` must outlive the store.  All ids are of node 0 without `node_of`.
  explicit ModelStore(const Clock& clock, NodeOf node_of = {});

  void Submit(Command command, WriteOptions options, Done done) override;

  absl::StatusOr<User> FindUser(UserId viewer, UserId user) const override;
  absl::StatusOr<User> FindUser(UserId viewer,
                                std::string_view handle) const override;
  absl::StatusOr<std::vector<User>> SearchUsers(UserId viewer,
                                                std::string_view prefix,
                                                std::string_view after,
                                                int limit) const override;
  absl::StatusOr<Credentials> FindCredentials(
      std::string_view handle) const override;
  absl::StatusOr<Credentials> FindCredentials(UserId user) const override;
  absl::StatusOr<std::vector<std::string>> ListAdministrators() const override;
  absl::StatusOr<Page<Removal>> ListRemovals(PageRequest page) const override;
  absl::StatusOr<Session> FindSession(
      std::string_view token_hash) const override;
  absl::StatusOr<Page<Session>> ListSessions(UserId user,
                                             PageRequest page) const override;

  absl::StatusOr<Photo> FindPhoto(UserId viewer, PhotoId photo) const override;
  absl::StatusOr<Page<Photo>> ListPhotos(UserId viewer, UserId owner,
                                         PageRequest page) const override;
  absl::StatusOr<Page<Photo>> ListRecentPhotos(UserId viewer,
                                               PageRequest page) const override;
  absl::StatusOr<Page<Photo>> ListFeed(UserId viewer,
                                       PageRequest page) const override;
  absl::StatusOr<std::vector<Photo>> ListFeedSince(UserId viewer, PhotoId after,
                                                   int limit) const override;
  absl::StatusOr<PhotoId> LatestPhoto() const override;

  absl::StatusOr<Page<User>> ListFollowers(UserId viewer, UserId user,
                                           PageRequest page) const override;
  absl::StatusOr<Page<User>> ListFollowing(UserId viewer, UserId user,
                                           PageRequest page) const override;
  absl::StatusOr<Page<Like>> ListLikes(UserId viewer, PhotoId photo,
                                       PageRequest page) const override;
  absl::StatusOr<Page<Comment>> ListComments(UserId viewer, PhotoId photo,
                                             PageRequest page) const override;
  absl::StatusOr<Page<std::string>> ListBlocks(UserId user,
                                               PageRequest page) const override;
  absl::StatusOr<Page<Notification>> ListNotifications(
      UserId user, PageRequest page) const override;

  absl::StatusOr<std::int64_t> FindRequest(
      const RequestKey& request) const override;
  absl::StatusOr<bool> HasFileKey(std::string_view file_key) const override;
  absl::StatusOr<std::vector<std::string>> ListGarbage(
      int limit) const override;
  absl::StatusOr<std::vector<Photo>> ListOutdated(std::int32_t version,
                                                  int limit) const override;
  absl::StatusOr<std::int64_t> CountOutdated(
      std::int32_t version) const override;

  std::string_view secret() const override { return secret_; }
  StoreStats Stats() const override;
  void Close() override;

  // For model::FindMistakes and model::FindTraces.
  model::Rows rows() const;

 protected:
  const StoreReader* InlineReader(ReadExtent /*extent*/) const override {
    return this;
  }
  Task<absl::Status> ReadElsewhere(ReadFunction read) override {
    co_return read(*this);
  }

 private:
  absl::StatusOr<CommandResult> Run(const Command& command,
                                    WriteOptions options);
  // Runs `work` on the rows, unless the store is closed.
  template <typename T, typename Work>
  absl::StatusOr<T> Read(Work work) const;

  const Clock& clock_;
  const NodeOf node_of_;
  const std::string secret_;
  mutable absl::Mutex mutex_;
  model::Rows rows_ ABSL_GUARDED_BY(mutex_);
  StoreStats stats_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace pinhole::testing
