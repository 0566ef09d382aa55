// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/sqlite_store.h"

#include <system_error>
#include <type_traits>
#include <utility>

#include "absl/synchronization/notification.h"
#include "base/errors.h"
#include "base/status_macros.h"
#include "server/store/sqlite/db/changes.h"
#include "server/store/sqlite/db/connection_pool.h"
#include "server/store/sqlite/db/sqlite_error.h"
#include "server/store/sqlite/file/database_copy.h"
#include "server/store/sqlite/file/meta.h"
#include "server/store/sqlite/file/recovered_log.h"
#include "server/store/sqlite/file/schema.h"
#include "server/store/sqlite/file/upgrade.h"
#include "server/store/sqlite/reads/cached_reads.h"
#include "server/store/sqlite/reads/uncached_reads.h"
#include "server/store/sqlite/tables/blocks.h"
#include "server/store/sqlite/tables/comments.h"
#include "server/store/sqlite/tables/feed.h"
#include "server/store/sqlite/tables/file_keys.h"
#include "server/store/sqlite/tables/follows.h"
#include "server/store/sqlite/tables/likes.h"
#include "server/store/sqlite/tables/notifications.h"
#include "server/store/sqlite/tables/photos.h"
#include "server/store/sqlite/tables/removals.h"
#include "server/store/sqlite/tables/requests.h"
#include "server/store/sqlite/tables/sessions.h"
#include "server/store/sqlite/tables/users.h"
#include "server/store/sqlite/writes/direct_writes.h"
#include "server/store/sqlite/writes/writer.h"
#include "server/store/store_errors.h"

namespace pinhole {
namespace {

using store::Connection;

template <typename T>
struct AsStatusOr {
  using Type = absl::StatusOr<T>;
};
template <typename T>
struct AsStatusOr<absl::StatusOr<T>> {
  using Type = absl::StatusOr<T>;
};

store::Journal JournalOf(const SqliteOptions& options) {
  return options.queue_writes ? store::Journal::kWriteAheadLog
                              : store::Journal::kRollback;
}

std::unique_ptr<store::Reads> MakeReads(std::size_t cache_bytes) {
  if (cache_bytes == 0) return std::make_unique<store::UncachedReads>();
  return std::make_unique<store::CachedReads>(cache_bytes);
}

store::ConnectionPool::Options ReadersOf(const SqliteOptions& options) {
  return {.open =
              [path = options.path, wait = options.wait_when_busy,
               journal = JournalOf(options)] {
                return Connection::OpenReader(path, wait, journal);
              },
          .size = options.lookup_threads + options.scan_threads,
          .keep = options.reuse_connections};
}

ThreadPool::Options ScanPool(const SqliteOptions& options) {
  return {.name = "reads",
          .threads = static_cast<std::size_t>(options.scan_threads),
          .max_queue = 1024,
          .waiting = CallPhase::kQuery,
          .working = CallPhase::kQuery};
}

std::unique_ptr<store::Writes> MakeWrites(SqliteOptions& options,
                                          std::int64_t last_id,
                                          std::unique_ptr<Connection> first,
                                          store::OnCommit on_commit) {
  if (options.queue_writes) {
    return std::make_unique<store::Writer>(
        std::move(first), last_id,
        store::Writer::Options{options.clock, options.max_queued_commands,
                               options.max_queued_bytes, options.max_batch_time,
                               std::move(options.on_unwritable)},
        std::move(on_commit));
  }
  return std::make_unique<store::DirectWrites>(
      store::DirectWrites::Options{options.path, options.clock,
                                   options.reuse_connections,
                                   options.wait_when_busy},
      std::move(on_commit));
}

absl::Status MakeLogDurable(Connection& db, const std::filesystem::path& path) {
  db.Execute("BEGIN IMMEDIATE");  // Keeps others from adding to the log.
  absl::Status status = store::MakeLogDurable(path);
  db.Execute("ROLLBACK");
  return status;
}

// 0 if the file does not exist.
std::int64_t SizeOf(const std::string& path) {
  std::error_code none;
  const std::uintmax_t size = std::filesystem::file_size(path, none);
  return none ? 0 : static_cast<std::int64_t>(size);
}

}  // namespace

template <typename Work, typename... Arguments>
auto SqliteStore::Read(Work read, const Arguments&... arguments) const {
  using Result = typename AsStatusOr<
      std::invoke_result_t<Work, Connection&, const Arguments&...>>::Type;
  const store::ConnectionPool::Lease lease = readers_->Borrow();
  if (!lease) return Result(store::StoreClosed());
  auto result =
      store::Guard([&]() -> Result { return read(*lease, arguments...); });
  if (ReasonOf(result.status()) == Reason::kDatabaseBusy) ++busy_reads_;
  return result;
}

SqliteStore::SqliteStore(SqliteOptions options, store::Meta meta,
                         std::unique_ptr<Connection> first)
    : path_(options.path),
      clock_(*options.clock),
      secret_(std::move(meta.secret)),
      settings_(std::move(meta.settings)),
      reads_(MakeReads(options.cache_bytes)),
      readers_(std::make_unique<store::ConnectionPool>(ReadersOf(options))),
      rows_(meta.rows),
      scan_pool_(ScanPool(options)),
      writes_(MakeWrites(
          options, meta.last_id, std::move(first),
          [this](const store::Changes& changes) { OnCommit(changes); })) {}

SqliteStore::~SqliteStore() { Close(); }

void SqliteStore::Submit(Command command, WriteOptions options, Done done) {
  writes_->Submit(std::move(command), options, std::move(done));
}

Task<absl::Status> SqliteStore::ReadElsewhere(ReadFunction read) {
  auto scan = [this, &read] { return read(*this); };
  co_return co_await RunOn(scan_pool_, std::move(scan));
}

absl::StatusOr<User> SqliteStore::FindUser(UserId viewer, UserId user) const {
  return Read(
      [&](Connection& db) { return reads_->FindUser(db, viewer, user); });
}

absl::StatusOr<User> SqliteStore::FindUser(UserId viewer,
                                           std::string_view handle) const {
  return Read(
      [&](Connection& db) { return reads_->FindUser(db, viewer, handle); });
}

absl::StatusOr<std::vector<User>> SqliteStore::SearchUsers(
    UserId viewer, std::string_view prefix, std::string_view after,
    int limit) const {
  return Read(store::SearchUsers, viewer, prefix, after, limit);
}

absl::StatusOr<Credentials> SqliteStore::FindCredentials(
    std::string_view handle) const {
  return Read(
      [&](Connection& db) { return store::FindCredentials(db, handle); });
}

absl::StatusOr<Credentials> SqliteStore::FindCredentials(UserId user) const {
  return Read([&](Connection& db) { return store::FindCredentials(db, user); });
}

absl::StatusOr<std::vector<std::string>> SqliteStore::ListAdministrators()
    const {
  return Read(store::ListAdministrators);
}

absl::StatusOr<Page<Removal>> SqliteStore::ListRemovals(
    PageRequest page) const {
  return Read(store::ListRemovals, page);
}

absl::StatusOr<Session> SqliteStore::FindSession(
    std::string_view token_hash) const {
  const absl::Time now = clock_.Now();
  if (auto known = reads_->PeekSession(token_hash, now)) return *known;
  return Read(
      [&](Connection& db) { return reads_->FindSession(db, token_hash, now); });
}

absl::StatusOr<Page<Session>> SqliteStore::ListSessions(
    UserId user, PageRequest page) const {
  return Read(store::ListSessions, user, page, clock_.Now());
}

absl::StatusOr<Photo> SqliteStore::FindPhoto(UserId viewer,
                                             PhotoId photo) const {
  return Read(
      [&](Connection& db) { return reads_->FindPhoto(db, viewer, photo); });
}

absl::StatusOr<Page<Photo>> SqliteStore::ListPhotos(UserId viewer, UserId owner,
                                                    PageRequest page) const {
  return Read(store::ListPhotos, viewer, owner, page);
}

absl::StatusOr<Page<Photo>> SqliteStore::ListRecentPhotos(
    UserId viewer, PageRequest page) const {
  return Read(store::ListRecentPhotos, viewer, page);
}

absl::StatusOr<Page<Photo>> SqliteStore::ListFeed(UserId viewer,
                                                  PageRequest page) const {
  return Read(
      [&](Connection& db) { return reads_->ListFeed(db, viewer, page); });
}

std::optional<Page<Photo>> SqliteStore::PeekFeed(UserId viewer,
                                                 PageRequest page) const {
  return reads_->PeekFeed(viewer, page);
}

absl::StatusOr<std::vector<Photo>> SqliteStore::ListFeedSince(UserId viewer,
                                                              PhotoId after,
                                                              int limit) const {
  return Read(store::ListFeedSince, viewer, after, limit);
}

absl::StatusOr<PhotoId> SqliteStore::LatestPhoto() const {
  return Read(store::LatestPhoto);
}

absl::StatusOr<Page<User>> SqliteStore::ListFollowers(UserId viewer,
                                                      UserId user,
                                                      PageRequest page) const {
  return Read(store::ListFollowers, viewer, user, page);
}

absl::StatusOr<Page<User>> SqliteStore::ListFollowing(UserId viewer,
                                                      UserId user,
                                                      PageRequest page) const {
  return Read(store::ListFollowing, viewer, user, page);
}

absl::StatusOr<Page<Like>> SqliteStore::ListLikes(UserId viewer, PhotoId photo,
                                                  PageRequest page) const {
  return Read(store::ListLikes, viewer, photo, page);
}

absl::StatusOr<Page<Comment>> SqliteStore::ListComments(
    UserId viewer, PhotoId photo, PageRequest page) const {
  return Read(store::ListComments, viewer, photo, page);
}

absl::StatusOr<Page<std::string>> SqliteStore::ListBlocks(
    UserId user, PageRequest page) const {
  return Read(store::ListBlocks, user, page);
}

absl::StatusOr<Page<Notification>> SqliteStore::ListNotifications(
    UserId user, PageRequest page) const {
  return Read(store::ListNotifications, user, page);
}

absl::StatusOr<std::int64_t> SqliteStore::FindRequest(
    const RequestKey& request) const {
  return Read(store::FindRequest, request, clock_.Now());
}

absl::StatusOr<bool> SqliteStore::HasFileKey(std::string_view file_key) const {
  return Read(store::HasFileKey, file_key);
}

absl::StatusOr<std::vector<std::string>> SqliteStore::ListGarbage(
    int limit) const {
  return Read(store::ListGarbage, limit);
}

absl::StatusOr<std::vector<Photo>> SqliteStore::ListOutdated(
    std::int32_t version, int limit) const {
  return Read(store::ListOutdated, version, limit);
}

absl::StatusOr<std::int64_t> SqliteStore::CountOutdated(
    std::int32_t version) const {
  return Read(store::CountOutdated, version);
}

absl::StatusOr<CopySummary> SqliteStore::CopyTo(
    const std::filesystem::path& file, std::stop_token stop,
    const PhotoFileVisitor& visit) {
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

SqliteStats SqliteStore::WriteStats() const {
  SqliteStats stats;
  writes_->AddTo(stats);
  const absl::MutexLock lock(&rows_mutex_);
  stats.rows = rows_;
  return stats;
}

SqliteStats SqliteStore::DetailedStats() const {
  SqliteStats stats = WriteStats();
  readers_->AddTo(stats);
  reads_->AddTo(stats);
  stats.settings = settings_;
  stats.busy_errors += busy_reads_;
  // The kernel has the sizes of open files in memory.
  stats.database_bytes = SizeOf(path_);
  stats.wal_bytes = SizeOf(path_ + "-wal");
  return stats;
}

void SqliteStore::Close() {
  const absl::MutexLock lock(&closing_);
  if (closed_) return;
  closed_ = true;
  writes_->Stop();
  // Readers first: the connection that closes last makes the final checkpoint.
  readers_->Close();
  writes_->CloseDatabase();
}

void SqliteStore::OnCommit(const store::Changes& changes) {
  {
    const absl::MutexLock lock(&rows_mutex_);
    rows_.users += changes.rows.users;
    rows_.photos += changes.rows.photos;
    rows_.sessions += changes.rows.sessions;
  }
  reads_->Forget(changes);
}

absl::StatusOr<std::unique_ptr<SqliteStore>> OpenSqliteStore(
    SqliteOptions options) {
  return store::Guard([&]() -> absl::StatusOr<std::unique_ptr<SqliteStore>> {
    std::unique_ptr<Connection> first = Connection::OpenWriter(options.path);
    RETURN_IF_ERROR(store::CheckIdentity(*first));
    RETURN_IF_ERROR(MakeLogDurable(*first, options.path));
    // The log files get the database's permissions when they are created.
    std::error_code ignored;  // A file of another user that we may still write.
    std::filesystem::permissions(options.path,
                                 std::filesystem::perms::owner_read |
                                     std::filesystem::perms::owner_write,
                                 ignored);
    first->ConfigureWriter(JournalOf(options));
    RETURN_IF_ERROR(store::Upgrade(*first, options.path));
    store::RemoveOldCopies(options.path);
    store::Meta meta = store::ReadMeta(*first);
    first->SetCheckpointOnClose(true);
    std::unique_ptr<SqliteStore> opened(
        new SqliteStore(std::move(options), std::move(meta), std::move(first)));
    opened->readers_->OpenAll();
    return opened;
  });
}

std::string SqliteVersion() { return sqlite3_libversion(); }

absl::StatusOr<CopySummary> CheckDatabaseFile(const std::filesystem::path& file,
                                              const PhotoFileVisitor& visit) {
  return store::CheckCopy(file, {}, visit);
}

}  // namespace pinhole
