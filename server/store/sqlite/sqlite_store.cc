// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/sqlite_store.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "server/base/status_macros.h"
#include "server/store/sqlite/blocks.h"
#include "server/store/sqlite/comments.h"
#include "server/store/sqlite/feed.h"
#include "server/store/sqlite/follows.h"
#include "server/store/sqlite/garbage.h"
#include "server/store/sqlite/likes.h"
#include "server/store/sqlite/notifications.h"
#include "server/store/sqlite/photos.h"
#include "server/store/sqlite/read_pool.h"
#include "server/store/sqlite/recovered_log.h"
#include "server/store/sqlite/requests.h"
#include "server/store/sqlite/schema.h"
#include "server/store/sqlite/sessions.h"
#include "server/store/sqlite/sqlite_error.h"
#include "server/store/sqlite/users.h"
#include "server/store/sqlite/writer.h"

namespace pinhole {
namespace {

using store::Connection;

// What the database says about itself when it is opened.
struct Meta {
  std::string secret;
  std::int64_t last_id = 0;
};

Meta ReadMeta(Connection& db) {
  static const store::Sql kRead("SELECT secret, last_id FROM meta");
  store::Query query(db, kRead);
  query.Next();
  return Meta{query.Text(0), query.Int(1)};
}

absl::Status MakeLogDurable(Connection& db, const std::filesystem::path& path) {
  db.Execute("BEGIN IMMEDIATE");  // Nobody adds to the log meanwhile.
  absl::Status status = store::MakeLogDurable(path);
  db.Execute("ROLLBACK");
  return status;
}

class SqliteStore final : public Store {
 public:
  SqliteStore(const Clock& clock, std::string secret,
              std::unique_ptr<Connection> writer,
              std::vector<std::unique_ptr<Connection>> readers,
              std::int64_t last_id, store::Writer::Options options)
      : clock_(clock),
        secret_(std::move(secret)),
        readers_(std::move(readers)),
        writer_(std::move(writer), last_id, options) {}
  ~SqliteStore() override { Close(); }

  void Submit(Command command, WriteOptions options, Done done) override {
    writer_.Submit(std::move(command), options, std::move(done));
  }

  absl::StatusOr<User> FindUser(UserId viewer, UserId user) const override {
    return Read<User>(
        [&](Connection& db) { return store::FindUser(db, viewer, user); });
  }
  absl::StatusOr<User> FindUser(UserId viewer,
                                std::string_view handle) const override {
    return Read<User>(
        [&](Connection& db) { return store::FindUser(db, viewer, handle); });
  }
  absl::StatusOr<std::vector<User>> SearchUsers(UserId viewer,
                                                std::string_view prefix,
                                                std::string_view after,
                                                int limit) const override {
    return Read<std::vector<User>>([&](Connection& db) {
      return store::SearchUsers(db, viewer, prefix, after, limit);
    });
  }
  absl::StatusOr<Credentials> FindCredentials(
      std::string_view handle) const override {
    return Read<Credentials>(
        [&](Connection& db) { return store::FindCredentials(db, handle); });
  }
  absl::StatusOr<Credentials> FindCredentials(UserId user) const override {
    return Read<Credentials>(
        [&](Connection& db) { return store::FindCredentials(db, user); });
  }

  absl::StatusOr<Session> FindSession(
      std::string_view token_hash) const override {
    return Read<Session>([&](Connection& db) {
      return store::FindSession(db, token_hash, clock_.Now());
    });
  }
  absl::StatusOr<Page<Session>> ListSessions(UserId user,
                                             PageRequest page) const override {
    return Read<Page<Session>>([&](Connection& db) {
      return store::ListSessions(db, user, page, clock_.Now());
    });
  }

  absl::StatusOr<Photo> FindPhoto(UserId viewer, PhotoId photo) const override {
    return Read<Photo>(
        [&](Connection& db) { return store::FindPhoto(db, viewer, photo); });
  }
  absl::StatusOr<Page<Photo>> ListPhotos(UserId viewer, UserId owner,
                                         PageRequest page) const override {
    return Read<Page<Photo>>([&](Connection& db) {
      return store::ListPhotos(db, viewer, owner, page);
    });
  }
  absl::StatusOr<Page<Photo>> ListRecentPhotos(
      UserId viewer, PageRequest page) const override {
    return Read<Page<Photo>>([&](Connection& db) {
      return store::ListRecentPhotos(db, viewer, page);
    });
  }
  absl::StatusOr<Page<Photo>> ListFeed(UserId viewer,
                                       PageRequest page) const override {
    return Read<Page<Photo>>(
        [&](Connection& db) { return store::ListFeed(db, viewer, page); });
  }
  absl::StatusOr<std::vector<Photo>> ListFeedSince(UserId viewer, PhotoId after,
                                                   int limit) const override {
    return Read<std::vector<Photo>>([&](Connection& db) {
      return store::ListFeedSince(db, viewer, after, limit);
    });
  }
  absl::StatusOr<PhotoId> LatestPhoto() const override {
    return Read<PhotoId>(
        [&](Connection& db) { return store::LatestPhoto(db); });
  }

  absl::StatusOr<Page<User>> ListFollowers(UserId viewer, UserId user,
                                           PageRequest page) const override {
    return Read<Page<User>>([&](Connection& db) {
      return store::ListFollowers(db, viewer, user, page);
    });
  }
  absl::StatusOr<Page<User>> ListFollowing(UserId viewer, UserId user,
                                           PageRequest page) const override {
    return Read<Page<User>>([&](Connection& db) {
      return store::ListFollowing(db, viewer, user, page);
    });
  }
  absl::StatusOr<Page<Like>> ListLikes(UserId viewer, PhotoId photo,
                                       PageRequest page) const override {
    return Read<Page<Like>>([&](Connection& db) {
      return store::ListLikes(db, viewer, photo, page);
    });
  }
  absl::StatusOr<Page<Comment>> ListComments(UserId viewer, PhotoId photo,
                                             PageRequest page) const override {
    return Read<Page<Comment>>([&](Connection& db) {
      return store::ListComments(db, viewer, photo, page);
    });
  }
  absl::StatusOr<Page<std::string>> ListBlocks(
      UserId user, PageRequest page) const override {
    return Read<Page<std::string>>(
        [&](Connection& db) { return store::ListBlocks(db, user, page); });
  }
  absl::StatusOr<Page<Notification>> ListNotifications(
      UserId user, PageRequest page) const override {
    return Read<Page<Notification>>([&](Connection& db) {
      return store::ListNotifications(db, user, page);
    });
  }

  absl::StatusOr<std::int64_t> FindRequest(
      const RequestKey& request) const override {
    return Read<std::int64_t>([&](Connection& db) {
      return store::FindRequest(db, request, clock_.Now());
    });
  }
  absl::StatusOr<bool> HasFileKey(std::string_view file_key) const override {
    return Read<bool>(
        [&](Connection& db) { return store::HasFileKey(db, file_key); });
  }
  absl::StatusOr<std::vector<std::string>> ListGarbage(
      int limit) const override {
    return Read<std::vector<std::string>>(
        [&](Connection& db) { return store::ListGarbage(db, limit); });
  }

  std::string_view secret() const override { return secret_; }

  StoreStats Stats() const override {
    StoreStats stats;
    writer_.AddTo(stats);
    readers_.AddTo(stats);
    return stats;
  }

  void Close() override {
    const absl::MutexLock lock(&closing_);
    if (closed_) return;
    closed_ = true;
    writer_.Stop();
    // Readers first: whoever closes last makes the final checkpoint.
    readers_.Close();
    writer_.CloseDatabase();
  }

 private:
  template <typename T, typename Work>
  absl::StatusOr<T> Read(Work work) const {
    const store::ReadPool::Lease lease = readers_.Borrow();
    if (!lease) return absl::UnavailableError("the store is closed");
    return store::Guard([&]() -> absl::StatusOr<T> { return work(*lease); });
  }

  const Clock& clock_;
  const std::string secret_;
  mutable store::ReadPool readers_;
  store::Writer writer_;
  absl::Mutex closing_;
  bool closed_ ABSL_GUARDED_BY(closing_) = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> OpenSqliteStore(SqliteOptions options) {
  return store::Guard([&]() -> absl::StatusOr<std::unique_ptr<Store>> {
    std::unique_ptr<Connection> writer = Connection::OpenWriter(options.path);
    RETURN_IF_ERROR(store::CheckIdentity(*writer));
    RETURN_IF_ERROR(MakeLogDurable(*writer, options.path));
    // The log files take the database's permissions when they are made.
    std::error_code ignored;  // Somebody else's file that we may still write.
    std::filesystem::permissions(options.path,
                                 std::filesystem::perms::owner_read |
                                     std::filesystem::perms::owner_write,
                                 ignored);
    writer->ConfigureWriter();
    store::Migrate(*writer);
    Meta meta = ReadMeta(*writer);
    std::vector<std::unique_ptr<Connection>> readers;
    for (int i = 0; i < std::max(options.readers, 1); ++i) {
      readers.push_back(Connection::OpenReader(options.path));
    }
    writer->SetCheckpointOnClose(true);
    return std::make_unique<SqliteStore>(
        *options.clock, std::move(meta.secret), std::move(writer),
        std::move(readers), meta.last_id,
        store::Writer::Options{options.clock, options.max_queued_commands,
                               options.max_queued_bytes, options.max_batch_time,
                               std::move(options.on_unwritable)});
  });
}

}  // namespace pinhole
