// SPDX-License-Identifier: Apache-2.0

// Store: all persistent data, independent of the database engine.
//
// Writes are commands (commands.h), which are durable when they are answered.
// Reads are short, blocking calls; each sees one consistent state that includes
// every write answered before it began.
//
// Reads take the viewer first and leave out what the viewer may not see
// (commands.h defines it); `UserId{}` is a viewer who is not signed in.  The
// store applies this rule, and not the domain, because paging depends on it.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/async/executor.h"
#include "base/async/task.h"
#include "base/call_timing.h"
#include "base/histogram.h"
#include "server/model/ids.h"
#include "server/model/photo.h"
#include "server/model/removal.h"
#include "server/model/social.h"
#include "server/model/user.h"
#include "server/store/commands.h"
#include "server/store/copy_summary.h"

namespace pinhole {

// A part of a list.  Keys are opaque: `after` is the `next` of the previous
// page, or 0 for the first page.
struct PageRequest {
  std::int64_t after = 0;
  int limit = 20;
};

template <typename T>
struct Page {
  std::vector<T> items;
  std::int64_t next = 0;  // 0: this was the last page.
};

// How to run a command.
struct WriteOptions {
  absl::Time deadline = absl::InfiniteFuture();  // Not run afterwards.
  // The timing of the call that waits for the command; null if none does.  Set
  // by `Execute`; must be valid until the command is answered.
  CallTiming* parts = nullptr;
};

// Row counts for operators.
struct RowCounts {
  std::int64_t users = 0;
  std::int64_t photos = 0;
  std::int64_t sessions = 0;  // Including expired ones that are not purged yet.

  bool operator==(const RowCounts&) const = default;
};

// The work of a store since it was opened, for metrics.
struct StoreStats {
  std::int64_t queue_depth = 0;       // Commands waiting.
  std::int64_t queue_bytes = 0;       // Estimated size of these commands.
  std::int64_t queue_rejections = 0;  // Commands refused: the queue was full.
  std::int64_t commands = 0;          // Commands run, refused ones included.
  std::int64_t commands_failed = 0;   // Commands run that ended with an error.
  std::int64_t commands_expired = 0;  // Commands not run: deadline passed.
  std::int64_t commits = 0;
  std::int64_t rollbacks = 0;       // Transactions lost as a whole.
  HistogramCounts write_waits;      // Seconds commands waited to be run.
  HistogramCounts commit_times;     // Seconds per commit, durable at its end.
  double write_seconds_so_far = 0;  // Age of the write under way; 0: none.
  RowCounts rows;
  bool writable = true;  // False after a failure that ended all writes.
};

// Thread-safe.  Abstract because there are two: SQLite, and the in-memory model
// of the tests.
//
// Errors of every call: UNAVAILABLE (closed, or the disk failed), DATA_LOSS
// (the database is damaged).  Errors of writes: also RESOURCE_EXHAUSTED (the
// queue or the disk is full; with a retry delay) and DEADLINE_EXCEEDED (the
// deadline passed before the command was run).  A write that fails has no
// effect, unless its reason (base/errors.h) is OUTCOME_UNKNOWN: then only the
// next start can tell.
class Store {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<CommandResult>)>;

  virtual ~Store() = default;

  // Queues `command` and returns at once.  `done` is called exactly once, on
  // any thread, possibly inside this call, and with OK only when the effect is
  // durable.
  virtual void Submit(Command command, WriteOptions options, Done done) = 0;

  // As `Submit`, for coroutines.
  template <typename C>
  Task<absl::StatusOr<typename C::Result>> Execute(C command,
                                                   WriteOptions options = {}) {
    auto start = [&](Done done) {
      options.parts = CallTiming::Current();
      if (options.parts != nullptr) options.parts->Enter(CallPhase::kWriteWait);
      Submit(Command(std::move(command)), options, std::move(done));
    };
    absl::StatusOr<CommandResult> result =
        co_await FromCallback<absl::StatusOr<CommandResult>>(std::move(start));
    if (!result.ok()) co_return std::move(result).status();
    co_return std::get<typename C::Result>(*std::move(result));
  }

  // Runs each command as `Execute` does, but queues all of them at once so that
  // they share commits.  Results are in the order of the commands; the error of
  // one command does not affect the others.
  template <typename C>
  using Results = std::vector<absl::StatusOr<typename C::Result>>;
  template <typename C>
  Task<Results<C>> ExecuteAll(std::vector<C> commands,
                              WriteOptions options = {}) {
    struct Answers {
      Results<C> results;
      std::atomic<std::size_t> missing;
      absl::AnyInvocable<void(Results<C>)> done;
    };
    if (commands.empty()) co_return Results<C>();
    auto start = [&](absl::AnyInvocable<void(Results<C>)> done) {
      // Some commands wait while others run; all of it counts as writing.
      if (CallTiming* parts = CallTiming::Current())
        parts->Enter(CallPhase::kWrite);
      // Shared by the commands that are not answered yet.
      auto answers = std::make_shared<Answers>();
      answers->results.resize(commands.size(), absl::UnknownError("not run"));
      answers->missing = commands.size();
      answers->done = std::move(done);
      for (std::size_t i = 0; i < commands.size(); ++i) {
        Submit(Command(std::move(commands[i])), options,
               [answers, i](absl::StatusOr<CommandResult> result) {
                 if (result.ok()) {
                   answers->results[i] =
                       std::get<typename C::Result>(*std::move(result));
                 } else {
                   answers->results[i] = std::move(result).status();
                 }
                 if (--answers->missing > 0) return;
                 answers->done(std::move(answers->results));
               });
      }
    };
    Results<C> results = co_await FromCallback<Results<C>>(std::move(start));
    co_return results;
  }

  // Errors: NOT_FOUND (no such user, or hidden from `viewer` by a block).
  virtual absl::StatusOr<User> FindUser(UserId viewer, UserId user) const = 0;
  virtual absl::StatusOr<User> FindUser(UserId viewer,
                                        std::string_view handle) const = 0;
  // Users whose handle starts with `prefix` and follows `after`, sorted by
  // handle.
  virtual absl::StatusOr<std::vector<User>> SearchUsers(UserId viewer,
                                                        std::string_view prefix,
                                                        std::string_view after,
                                                        int limit) const = 0;
  // Ignores blocks: for logging in, blocking and unblocking.  Errors:
  // NOT_FOUND.
  virtual absl::StatusOr<Credentials> FindCredentials(
      std::string_view handle) const = 0;
  virtual absl::StatusOr<Credentials> FindCredentials(UserId user) const = 0;

  // Handles of all administrators, sorted.  Scans all users.
  virtual absl::StatusOr<std::vector<std::string>> ListAdministrators()
      const = 0;
  // Content that administrators removed, latest first.
  virtual absl::StatusOr<Page<Removal>> ListRemovals(
      PageRequest page) const = 0;

  // Sessions that have not expired.  Errors: NOT_FOUND.
  virtual absl::StatusOr<Session> FindSession(
      std::string_view token_hash) const = 0;
  virtual absl::StatusOr<Page<Session>> ListSessions(
      UserId user, PageRequest page) const = 0;

  // Errors: NOT_FOUND (no such photo, or not visible to `viewer`).
  virtual absl::StatusOr<Photo> FindPhoto(UserId viewer,
                                          PhotoId photo) const = 0;
  // Newest first.
  virtual absl::StatusOr<Page<Photo>> ListPhotos(UserId viewer, UserId owner,
                                                 PageRequest page) const = 0;
  // Public photos of all users, newest first.  A page that is not the last can
  // have fewer photos than asked for, or none, if blocks hide most of the
  // recent photos from the viewer.
  virtual absl::StatusOr<Page<Photo>> ListRecentPhotos(
      UserId viewer, PageRequest page) const = 0;
  // The viewer's photos and those of followed users, newest first.
  virtual absl::StatusOr<Page<Photo>> ListFeed(UserId viewer,
                                               PageRequest page) const = 0;
  // The page that `ListFeed` returns, if all of it is in memory; nothing
  // otherwise.  Never waits for the database or for another read, so it can be
  // called on an event loop.
  virtual std::optional<Page<Photo>> PeekFeed(UserId /*viewer*/,
                                              PageRequest /*page*/) const {
    return std::nullopt;
  }
  // The entries of the feed that are newer than `after`, oldest first.
  virtual absl::StatusOr<std::vector<Photo>> ListFeedSince(UserId viewer,
                                                           PhotoId after,
                                                           int limit) const = 0;
  // The newest photo of all users; none if there are no photos.
  virtual absl::StatusOr<PhotoId> LatestPhoto() const = 0;

  // Latest first, except comments, which are oldest first.
  virtual absl::StatusOr<Page<User>> ListFollowers(UserId viewer, UserId user,
                                                   PageRequest page) const = 0;
  virtual absl::StatusOr<Page<User>> ListFollowing(UserId viewer, UserId user,
                                                   PageRequest page) const = 0;
  virtual absl::StatusOr<Page<Like>> ListLikes(UserId viewer, PhotoId photo,
                                               PageRequest page) const = 0;
  virtual absl::StatusOr<Page<Comment>> ListComments(
      UserId viewer, PhotoId photo, PageRequest page) const = 0;
  // Handles of the users that `user` blocks.
  virtual absl::StatusOr<Page<std::string>> ListBlocks(
      UserId user, PageRequest page) const = 0;
  virtual absl::StatusOr<Page<Notification>> ListNotifications(
      UserId user, PageRequest page) const = 0;

  // The id of what the request with this key created; 0 if the key is unknown.
  // Lets a repeated upload be answered before its bytes arrive.
  // Errors: INVALID_ARGUMENT (the key was used with another fingerprint).
  virtual absl::StatusOr<std::int64_t> FindRequest(
      const RequestKey& request) const = 0;

  virtual absl::StatusOr<bool> HasFileKey(std::string_view file_key) const = 0;
  virtual absl::StatusOr<std::vector<std::string>> ListGarbage(
      int limit) const = 0;

  // Photos whose renditions have a version below `version`, regardless of
  // visibility and as a stranger sees their counts; by version, then newest
  // photo first.
  virtual absl::StatusOr<std::vector<Photo>> ListOutdated(std::int32_t version,
                                                          int limit) const = 0;
  // The number of these photos.  Scans all of them.
  virtual absl::StatusOr<std::int64_t> CountOutdated(
      std::int32_t version) const = 0;

  // Copies everything into the new file `file` while writes continue, checks
  // the copy, makes it durable and calls `visit` for each photo in it.  The
  // copy is a consistent state that includes all writes answered before this
  // call.  Can block for minutes.  After an error an unfinished file can
  // remain. Errors: CANCELLED (`stop`), FAILED_PRECONDITION (another copy is
  // being made), DATA_LOSS (the copy is damaged), UNIMPLEMENTED (the store
  // keeps no files), and those of `visit`.
  virtual absl::StatusOr<CopySummary> CopyTo(
      const std::filesystem::path& /*file*/, std::stop_token /*stop*/,
      const PhotoFileVisitor& /*visit*/) {
    return absl::UnimplementedError("this store cannot be copied");
  }

  // A random 32-byte secret that is created with the store and kept in it.  It
  // keys page tokens and the tokens of repeated logins.
  virtual std::string_view secret() const = 0;

  // Runs no query.
  virtual StoreStats Stats() const = 0;

  // Finishes the queued commands and closes the database.  Later calls return
  // UNAVAILABLE.
  virtual void Close() = 0;
};

}  // namespace pinhole
