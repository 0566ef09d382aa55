// SPDX-License-Identifier: Apache-2.0

// Store: what Pinhole remembers, free of SQL.
//
// Writes are commands (commands.h): queued, executed in batches by one writer,
// durable when answered.  Reads are plain calls, prepared and short; each sees
// one consistent state that includes every write answered before it began.
//
// Reads take the viewer first and leave out what the viewer may not see
// (commands.h says what that is); `UserId{}` is a viewer who is not signed in.
// That paging needs it is why this rule lives here and not in the domain.

#ifndef PINHOLE_SERVER_STORE_STORE_H_
#define PINHOLE_SERVER_STORE_STORE_H_

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

inline constexpr std::string_view kOutcomeUnknown = "OUTCOME_UNKNOWN";

// Which part of a list.  Keys are the store's own: a caller passes back the
// `next` of the page before, or 0 for the first page.
struct PageRequest {
  std::int64_t after = 0;
  int limit = 20;
};

template <typename T>
struct Page {
  std::vector<T> items;
  std::int64_t next = 0;  // 0: this was the last page.
};

// What a writer needs to know of a request besides the command.
struct WriteOptions {
  absl::Time deadline = absl::InfiniteFuture();  // Expired work is not run.
  // Of the call that waits for the command, until it is answered; null if none
  // does.  Set by `Execute`.
  CallTiming* parts = nullptr;
};

// How many rows there are of what an operator wants to know.
struct RowCounts {
  std::int64_t users = 0;
  std::int64_t photos = 0;
  std::int64_t sessions = 0;  // Also those that ended and are not purged yet.

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

// Thread-safe.  Abstract because there are several: SQLite, and the in-memory
// model of the tests; PostgreSQL later.
//
// Errors of every call: UNAVAILABLE (closed, or the disk refuses), DATA_LOSS
// (the database is damaged); of writes also RESOURCE_EXHAUSTED (queue or disk
// full; the message says when to retry) and DEADLINE_EXCEEDED (expired before
// it was run: no effect).  An error of a write means that it had no effect,
// unless its reason (errors.h) is `kOutcomeUnknown`: then the next start shows.
class Store {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<CommandResult>)>;

  virtual ~Store() = default;

  // Queues `command` and returns at once.  `done` is called exactly once, on
  // any thread, also inside this call; with OK only after the effect is
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

  // As `Execute` for each, all queued at once so that they share commits.  The
  // results are in the order of the commands; one's error is not the others'.
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
      // Some wait while others run: all of it is the writing of the whole.
      if (CallTiming* parts = CallTiming::Current())
        parts->Enter(CallPhase::kWrite);
      // Owned by every command that is not answered yet.
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

  // Users.  Errors: NOT_FOUND (none, or hidden from `viewer` by a block).
  virtual absl::StatusOr<User> FindUser(UserId viewer, UserId user) const = 0;
  virtual absl::StatusOr<User> FindUser(UserId viewer,
                                        std::string_view handle) const = 0;
  // Users whose handle starts with `prefix`, by handle, from after the handle
  // `after` (empty: from the first).
  virtual absl::StatusOr<std::vector<User>> SearchUsers(UserId viewer,
                                                        std::string_view prefix,
                                                        std::string_view after,
                                                        int limit) const = 0;
  // Regardless of blocks, for login, block and unblock.  Errors: NOT_FOUND.
  virtual absl::StatusOr<Credentials> FindCredentials(
      std::string_view handle) const = 0;
  virtual absl::StatusOr<Credentials> FindCredentials(UserId user) const = 0;

  // Handles of all administrators, sorted.  For the operator: looks at
  // everybody.
  virtual absl::StatusOr<std::vector<std::string>> ListAdministrators()
      const = 0;
  // What administrators removed, latest first.
  virtual absl::StatusOr<Page<Removal>> ListRemovals(
      PageRequest page) const = 0;

  // Sessions that have not ended.  Errors: NOT_FOUND.
  virtual absl::StatusOr<Session> FindSession(
      std::string_view token_hash) const = 0;
  virtual absl::StatusOr<Page<Session>> ListSessions(
      UserId user, PageRequest page) const = 0;

  // Photos.  Errors: NOT_FOUND (none, or not visible to `viewer`).
  virtual absl::StatusOr<Photo> FindPhoto(UserId viewer,
                                          PhotoId photo) const = 0;
  // Newest first.
  virtual absl::StatusOr<Page<Photo>> ListPhotos(UserId viewer, UserId owner,
                                                 PageRequest page) const = 0;
  // Everybody's public photos, newest first.  A page may have fewer photos than
  // asked for, even none, and a next page all the same: when most of the photos
  // looked at are by users kept apart from the viewer.
  virtual absl::StatusOr<Page<Photo>> ListRecentPhotos(
      UserId viewer, PageRequest page) const = 0;
  // Own photos and those of followed users, newest first.
  virtual absl::StatusOr<Page<Photo>> ListFeed(UserId viewer,
                                               PageRequest page) const = 0;
  // As `ListFeed`, if it is answered so quickly that a thread which must not
  // wait can do it (about 30 us); nothing otherwise.
  virtual std::optional<Page<Photo>> PeekFeed(UserId /*viewer*/,
                                              PageRequest /*page*/) const {
    return std::nullopt;
  }
  // The entries of that feed newer than `after`, oldest first.
  virtual absl::StatusOr<std::vector<Photo>> ListFeedSince(UserId viewer,
                                                           PhotoId after,
                                                           int limit) const = 0;
  // The newest photo id there is, of anybody; none in an empty store.
  virtual absl::StatusOr<PhotoId> LatestPhoto() const = 0;

  // Latest first, except comments: oldest first.
  virtual absl::StatusOr<Page<User>> ListFollowers(UserId viewer, UserId user,
                                                   PageRequest page) const = 0;
  virtual absl::StatusOr<Page<User>> ListFollowing(UserId viewer, UserId user,
                                                   PageRequest page) const = 0;
  virtual absl::StatusOr<Page<Like>> ListLikes(UserId viewer, PhotoId photo,
                                               PageRequest page) const = 0;
  virtual absl::StatusOr<Page<Comment>> ListComments(
      UserId viewer, PhotoId photo, PageRequest page) const = 0;
  // Handles of those `user` blocks.
  virtual absl::StatusOr<Page<std::string>> ListBlocks(
      UserId user, PageRequest page) const = 0;
  virtual absl::StatusOr<Page<Notification>> ListNotifications(
      UserId user, PageRequest page) const = 0;

  // What a request key led to: the id of the thing created, none if the key is
  // unknown.  Lets an upload answer a repeated request before its bytes come.
  // Errors: INVALID_ARGUMENT (known with another fingerprint).
  virtual absl::StatusOr<std::int64_t> FindRequest(
      const RequestKey& request) const = 0;

  // Photo files.
  virtual absl::StatusOr<bool> HasFileKey(std::string_view file_key) const = 0;
  virtual absl::StatusOr<std::vector<std::string>> ListGarbage(
      int limit) const = 0;

  // Photos whose renditions have a version below `version`, whoever may see
  // them, with everybody's counts: the oldest version first, of one version the
  // newest photo first.
  virtual absl::StatusOr<std::vector<Photo>> ListOutdated(std::int32_t version,
                                                          int limit) const = 0;
  // How many there are.  Looks at all of them.
  virtual absl::StatusOr<std::int64_t> CountOutdated(
      std::int32_t version) const = 0;

  // Copies everything into the new file `file` while writes go on, checks the
  // copy, makes it durable and calls `visit` for each photo in it.  It holds
  // all writes answered before this call, and of later ones those up to one
  // moment. Blocks for long.  After an error an unfinished file may be there.
  // Errors: CANCELLED (`stop`), FAILED_PRECONDITION (another copy is being
  // made), DATA_LOSS (damage in the copy), UNIMPLEMENTED (nothing is kept in
  // files), those of `visit`.
  virtual absl::StatusOr<CopySummary> CopyTo(
      const std::filesystem::path& /*file*/, std::stop_token /*stop*/,
      const PhotoFileVisitor& /*visit*/) {
    return absl::UnimplementedError("this store cannot be copied");
  }

  // A 32-byte secret made with the store and kept in it: keys the page tokens
  // and the tokens of repeated logins.
  virtual std::string_view secret() const = 0;

  // Cheap: touches no database.
  virtual StoreStats Stats() const = 0;

  // Waits for what is queued, refuses the rest, checkpoints and closes.
  // Further calls answer UNAVAILABLE.
  virtual void Close() = 0;
};

}  // namespace pinhole

#endif  // PINHOLE_SERVER_STORE_STORE_H_
