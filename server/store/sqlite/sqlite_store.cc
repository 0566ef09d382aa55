// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/sqlite_store.h"

#include <atomic>
#include <system_error>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "base/errors.h"
#include "base/status_macros.h"
#include "server/store/sqlite/db/connection_pool.h"
#include "server/store/sqlite/db/sqlite_error.h"
#include "server/store/sqlite/file/database_copy.h"
#include "server/store/sqlite/file/meta.h"
#include "server/store/sqlite/file/recovered_log.h"
#include "server/store/sqlite/file/schema.h"
#include "server/store/sqlite/file/upgrade.h"
#include "server/store/sqlite/reads/cached_reads.h"
#include "server/store/sqlite/social/blocks.h"
#include "server/store/sqlite/social/comments.h"
#include "server/store/sqlite/social/feed.h"
#include "server/store/sqlite/social/follows.h"
#include "server/store/sqlite/social/likes.h"
#include "server/store/sqlite/tables/garbage.h"
#include "server/store/sqlite/tables/notifications.h"
#include "server/store/sqlite/tables/photos.h"
#include "server/store/sqlite/tables/removals.h"
#include "server/store/sqlite/tables/requests.h"
#include "server/store/sqlite/tables/sessions.h"
#include "server/store/sqlite/tables/users.h"
#include "server/store/sqlite/writes/direct_writes.h"
#include "server/store/sqlite/writes/writer.h"

namespace pinhole {
namespace {

using store::Connection;

store::Journal JournalOf(const SqliteOptions& options) {
  return options.queue_writes ? store::Journal::kWriteAheadLog
                              : store::Journal::kRollback;
}

std::unique_ptr<store::Writes> MakeWrites(SqliteOptions& options,
                                          std::int64_t last_id,
                                          std::unique_ptr<Connection> first,
                                          store::CachedReads& cache) {
  if (options.queue_writes) {
    return std::make_unique<store::Writer>(
        std::move(first), last_id,
        store::Writer::Options{options.clock, options.max_queued_commands,
                               options.max_queued_bytes, options.max_batch_time,
                               std::move(options.on_unwritable)},
        cache);
  }
  return std::make_unique<store::DirectWrites>(
      store::DirectWrites::Options{options.path, options.clock,
                                   options.reuse_connections,
                                   options.wait_when_busy},
      cache);
}

absl::Status MakeLogDurable(Connection& db, const std::filesystem::path& path) {
  db.Execute("BEGIN IMMEDIATE");  // Nobody adds to the log meanwhile.
  absl::Status status = store::MakeLogDurable(path);
  db.Execute("ROLLBACK");
  return status;
}

// 0 if there is none.
std::int64_t SizeOf(const std::string& path) {
  std::error_code none;
  const std::uintmax_t size = std::filesystem::file_size(path, none);
  return none ? 0 : static_cast<std::int64_t>(size);
}

class SqliteStore final : public Store {
 public:
  // `first` is configured and up to date.
  SqliteStore(SqliteOptions options, store::Meta meta,
              std::unique_ptr<Connection> first)
      : path_(options.path),
        clock_(*options.clock),
        secret_(std::move(meta.secret)),
        settings_(std::move(meta.settings)),
        cache_(options.cache_bytes, meta.rows),
        readers_({.open =
                      [path = options.path, wait = options.wait_when_busy,
                       journal = JournalOf(options)] {
                        return Connection::OpenReader(path, wait, journal);
                      },
                  .size = options.readers,
                  .keep = options.reuse_connections}),
        writes_(MakeWrites(options, meta.last_id, std::move(first), cache_)) {}
  ~SqliteStore() override { Close(); }

  // Throws SQLite::Exception.
  void OpenReaders() { readers_.OpenAll(); }

  void Submit(Command command, WriteOptions options, Done done) override {
    writes_->Submit(std::move(command), options, std::move(done));
  }

  absl::StatusOr<User> FindUser(UserId viewer, UserId user) const override {
    return Read<User>([&](Connection& db) {
      return cache_.enabled() ? cache_.FindUser(db, viewer, user)
                              : store::FindUser(db, viewer, user);
    });
  }
  absl::StatusOr<User> FindUser(UserId viewer,
                                std::string_view handle) const override {
    return Read<User>([&](Connection& db) {
      return cache_.enabled() ? cache_.FindUser(db, viewer, handle)
                              : store::FindUser(db, viewer, handle);
    });
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

  absl::StatusOr<std::vector<std::string>> ListAdministrators() const override {
    return Read<std::vector<std::string>>(
        [](Connection& db) { return store::ListAdministrators(db); });
  }
  absl::StatusOr<Page<Removal>> ListRemovals(PageRequest page) const override {
    return Read<Page<Removal>>(
        [&](Connection& db) { return store::ListRemovals(db, page); });
  }

  absl::StatusOr<Session> FindSession(
      std::string_view token_hash) const override {
    const absl::Time now = clock_.Now();
    if (cache_.enabled()) {
      if (auto known = cache_.PeekSession(token_hash, now)) return *known;
    }
    return Read<Session>([&](Connection& db) {
      return cache_.enabled() ? cache_.FindSession(db, token_hash, now)
                              : store::FindSession(db, token_hash, now);
    });
  }
  absl::StatusOr<Page<Session>> ListSessions(UserId user,
                                             PageRequest page) const override {
    return Read<Page<Session>>([&](Connection& db) {
      return store::ListSessions(db, user, page, clock_.Now());
    });
  }

  absl::StatusOr<Photo> FindPhoto(UserId viewer, PhotoId photo) const override {
    return Read<Photo>([&](Connection& db) {
      return cache_.enabled() ? cache_.FindPhoto(db, viewer, photo)
                              : store::FindPhoto(db, viewer, photo);
    });
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
    return Read<Page<Photo>>([&](Connection& db) -> Page<Photo> {
      return cache_.enabled() ? cache_.ListFeed(db, viewer, page)
                              : store::ListFeed(db, viewer, page);
    });
  }
  std::optional<Page<Photo>> PeekFeed(UserId viewer,
                                      PageRequest page) const override {
    if (!cache_.enabled()) return std::nullopt;
    auto found = Read<std::optional<Page<Photo>>>(
        [&](Connection& db) { return cache_.PeekFeed(db, viewer, page); });
    // An error is told by the call that may wait.
    return found.ok() ? *std::move(found) : std::nullopt;
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
  absl::StatusOr<std::vector<Photo>> ListOutdated(std::int32_t version,
                                                  int limit) const override {
    return Read<std::vector<Photo>>([&](Connection& db) {
      return store::ListOutdated(db, version, limit);
    });
  }
  absl::StatusOr<std::int64_t> CountOutdated(
      std::int32_t version) const override {
    return Read<std::int64_t>(
        [&](Connection& db) { return store::CountOutdated(db, version); });
  }

  absl::StatusOr<CopySummary> CopyTo(const std::filesystem::path& file,
                                     std::stop_token stop,
                                     const PhotoFileVisitor& visit) override {
    absl::Notification copied;
    absl::Status status;
    writes_->CopyTo(file, stop, [&](absl::Status ended) {
      status = std::move(ended);
      copied.Notify();
    });
    copied.WaitForNotification();
    RETURN_IF_ERROR(status);
    RETURN_IF_ERROR(store::SealCopy(file));
    return store::CheckCopy(file, std::move(stop), visit);
  }

  std::string_view secret() const override { return secret_; }

  StoreStats Stats() const override {
    StoreStats stats;
    writes_->AddTo(stats);
    readers_.AddTo(stats);
    cache_.AddTo(stats);
    stats.settings = settings_;
    stats.busy_errors += busy_reads_;
    // Of files that are open: the kernel has their sizes in memory.
    stats.database_bytes = SizeOf(path_);
    stats.wal_bytes = SizeOf(path_ + "-wal");
    return stats;
  }

  void Close() override {
    const absl::MutexLock lock(&closing_);
    if (closed_) return;
    closed_ = true;
    writes_->Stop();
    // Readers first: whoever closes last makes the final checkpoint.
    readers_.Close();
    writes_->CloseDatabase();
  }

 private:
  template <typename T, typename Work>
  absl::StatusOr<T> Read(Work work) const {
    const store::ConnectionPool::Lease lease = readers_.Borrow();
    if (!lease) return absl::UnavailableError("the store is closed");
    auto result =
        store::Guard([&]() -> absl::StatusOr<T> { return work(*lease); });
    if (absl::IsUnavailable(result.status()) &&
        ReasonOf(result.status()) == store::kDatabaseBusy) {
      ++busy_reads_;
    }
    return result;
  }

  const std::string path_;
  const Clock& clock_;
  const std::string secret_;
  const DatabaseSettings settings_;
  mutable store::CachedReads cache_;
  mutable store::ConnectionPool readers_;
  mutable std::atomic<std::int64_t> busy_reads_{0};
  const std::unique_ptr<store::Writes> writes_;
  absl::Mutex closing_;
  bool closed_ ABSL_GUARDED_BY(closing_) = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> OpenSqliteStore(SqliteOptions options) {
  return store::Guard([&]() -> absl::StatusOr<std::unique_ptr<Store>> {
    std::unique_ptr<Connection> first = Connection::OpenWriter(options.path);
    RETURN_IF_ERROR(store::CheckIdentity(*first));
    RETURN_IF_ERROR(MakeLogDurable(*first, options.path));
    // The log files take the database's permissions when they are made.
    std::error_code ignored;  // Somebody else's file that we may still write.
    std::filesystem::permissions(options.path,
                                 std::filesystem::perms::owner_read |
                                     std::filesystem::perms::owner_write,
                                 ignored);
    first->ConfigureWriter(JournalOf(options));
    RETURN_IF_ERROR(store::Upgrade(*first, options.path));
    store::RemoveOldCopies(options.path);
    store::Meta meta = store::ReadMeta(*first);
    first->SetCheckpointOnClose(true);
    auto opened = std::make_unique<SqliteStore>(
        std::move(options), std::move(meta), std::move(first));
    opened->OpenReaders();
    return opened;
  });
}

std::string SqliteVersion() { return sqlite3_libversion(); }

absl::StatusOr<CopySummary> CheckDatabaseFile(const std::filesystem::path& file,
                                              const PhotoFileVisitor& visit) {
  return store::CheckCopy(file, {}, visit);
}

}  // namespace pinhole
