// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/async/thread_pool.h"
#include "base/clock.h"
#include "server/store/sqlite/db/sqlite_stats.h"
#include "server/store/store.h"

namespace pinhole {

namespace store {
class Connection;
class ConnectionPool;
class Reads;
class Writes;
struct Changes;
struct Meta;
}  // namespace store

struct SqliteOptions {
  std::filesystem::path path;    // The database file; its folder must exist.
  const Clock* clock = nullptr;  // Must outlive the store.
  // Threads that call `Look` at the same time, for example event loops, and
  // threads for scans; there is a read-only connection for each.
  int lookup_threads = 1;
  int scan_threads = 2;
  std::size_t max_queued_commands = 4096;
  std::size_t max_queued_bytes = 32 << 20;
  // A batch takes no more commands after this long.
  absl::Duration max_batch_time = absl::Milliseconds(2);
  // Called once, on the writer's thread, when the store stops taking writes
  // because the disk failed or the database is damaged.  May be null.
  std::function<void(const absl::Status& cause)> on_unwritable = {};
  // Estimated memory of all caches together; 0: no caches.
  std::size_t cache_bytes = 64 << 20;

  // These can be turned off to measure what they gain.  Durability is the same
  // in every combination.
  bool reuse_connections = true;  // Off: each operation opens a connection.
  // Off: a lock held by another connection is UNAVAILABLE (DATABASE_BUSY) at
  // once.
  bool wait_when_busy = true;
  // Off: every write is a transaction of its own, with a rollback journal, on
  // one of several threads that compete for the lock.
  bool queue_writes = true;
};

// A store in one SQLite database file.  Lookups run on the calling thread,
// which takes microseconds; scans run on the store's own threads.  Thread-safe.
class SqliteStore final : public Store, public StoreReader {
 public:
  ~SqliteStore() override;

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

  std::optional<Page<Photo>> PeekFeed(UserId viewer,
                                      PageRequest page) const override;
  absl::StatusOr<CopySummary> CopyTo(const std::filesystem::path& file,
                                     std::stop_token stop,
                                     const PhotoFileVisitor& visit) override;

  std::string_view secret() const override { return secret_; }
  StoreStats Stats() const override { return WriteStats(); }
  // As `Stats`, with the statistics that only SQLite has.
  SqliteStats DetailedStats() const;
  void Close() override;

 protected:
  const StoreReader* InlineReader(ReadExtent extent) const override {
    return extent == ReadExtent::kLookup ? this : nullptr;
  }
  Task<absl::Status> ReadElsewhere(ReadFunction read) override;

 private:
  // The statistics of writes, and the counts of rows.
  SqliteStats WriteStats() const;

  friend absl::StatusOr<std::unique_ptr<SqliteStore>> OpenSqliteStore(
      SqliteOptions options);

  // `first` is the connection that writes, configured and up to date.
  SqliteStore(SqliteOptions options, store::Meta meta,
              std::unique_ptr<store::Connection> first);

  // Runs `read(connection, arguments...)` on a borrowed connection.
  template <typename Work, typename... Arguments>
  auto Read(Work read, const Arguments&... arguments) const;
  void OnCommit(const store::Changes& changes);

  const std::string path_;
  const Clock& clock_;
  const std::string secret_;
  const SqliteSettings settings_;
  const std::unique_ptr<store::Reads> reads_;
  const std::unique_ptr<store::ConnectionPool> readers_;
  mutable std::atomic<std::int64_t> busy_reads_{0};
  mutable absl::Mutex rows_mutex_;
  RowCounts rows_ ABSL_GUARDED_BY(rows_mutex_);
  absl::Mutex closing_;
  bool closed_ ABSL_GUARDED_BY(closing_) = false;
  ThreadPool scan_pool_;
  const std::unique_ptr<store::Writes> writes_;  // Last: calls `OnCommit`.
};

// Opens the database, creates it if it does not exist and upgrades its schema,
// after making a copy beside it (file/upgrade.h).  The caller makes sure that
// no other process opens the same file.  Errors: FAILED_PRECONDITION (made by a
// newer version or another application), UNAVAILABLE (cannot be opened),
// DATA_LOSS (damaged, or not a database).
absl::StatusOr<std::unique_ptr<SqliteStore>> OpenSqliteStore(
    SqliteOptions options);

// The version of the SQLite library in use.
std::string SqliteVersion();

// Checks the whole of a database file that nobody has open, without changing
// it, and calls `visit` for each photo in it.
// Errors: FAILED_PRECONDITION (made by a newer version or another application),
// DATA_LOSS (damaged, or not a database), UNAVAILABLE (cannot be opened), and
// those of `visit`.
absl::StatusOr<CopySummary> CheckDatabaseFile(const std::filesystem::path& file,
                                              const PhotoFileVisitor& visit);

}  // namespace pinhole
