// SPDX-License-Identifier: Apache-2.0

// Store: all persistent data, independent of the database engine.
//
// Writes are commands (commands.h), which are durable when they are answered.
// Reads are functions of a StoreReader (store_reader.h).  Both are awaited: the
// store decides on which thread they run.

#pragma once

#include <atomic>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>
#include <type_traits>
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
#include "base/status_macros.h"
#include "server/model/ids.h"
#include "server/model/photo.h"
#include "server/store/commands.h"
#include "server/store/copy_summary.h"
#include "server/store/guess_counter.h"
#include "server/store/store_reader.h"

namespace pinhole {

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
// Errors of writes: UNAVAILABLE (closed, or the disk failed), DATA_LOSS (the
// database is damaged), RESOURCE_EXHAUSTED (the queue or the disk is full; with
// a retry delay) and DEADLINE_EXCEEDED (the deadline passed before the command
// was run).  A write that fails has no effect, unless its reason
// (base/errors.h) is OUTCOME_UNKNOWN: then only the next start can tell.
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

  // Reads of a few rows by key: `read` is called with a StoreReader and returns
  // an absl::StatusOr<T>, which becomes the result.  `read` may be called more
  // than once, on another thread, but not after the task has finished; the last
  // call counts.
  //
  //   auto find = [&](const StoreReader& reader) {
  //     return reader.FindPhoto(viewer, photo);
  //   };
  //   auto found = co_await store.Look(std::move(find));
  //
  // Errors: those of `read`; RESOURCE_EXHAUSTED with a retry delay (too many
  // reads are waiting).
  template <typename Read>
  auto Look(Read read) {
    return ReadAwaiter<Read>(*this, ReadExtent::kLookup, std::move(read));
  }

  // As `Look`, for reads that may take long: lists, searches and counts.
  template <typename Read>
  auto Scan(Read read) {
    return ReadAwaiter<Read>(*this, ReadExtent::kScan, std::move(read));
  }

  // The page that `ListFeed` returns, if all of it is in memory; nothing
  // otherwise.  Never waits for the database or for another read, so it can be
  // called on an event loop.
  virtual std::optional<Page<Photo>> PeekFeed(UserId /*viewer*/,
                                              PageRequest /*page*/) const {
    return std::nullopt;
  }
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

  // The counter of password guesses for all servers that use this store; null
  // if only one server can use it.
  virtual GuessCounter* shared_guesses() { return nullptr; }

  // Runs no query.
  virtual StoreStats Stats() const = 0;

  // Finishes the queued commands and closes the database.  Later calls return
  // UNAVAILABLE.
  virtual void Close() = 0;

 protected:
  enum class ReadExtent { kLookup, kScan };
  using ReadFunction = absl::AnyInvocable<absl::Status(const StoreReader&)>;

  // The reader for reads that run on the calling thread; null if reads of this
  // extent run elsewhere, because they would block an event loop for too long.
  virtual const StoreReader* InlineReader(ReadExtent extent) const = 0;

  // Calls `read` on a thread that may block, and returns its last status.
  // Errors: also RESOURCE_EXHAUSTED, see `Look`.
  virtual Task<absl::Status> ReadElsewhere(ReadFunction read) = 0;

 private:
  // Awaits a read.  A read that runs on the calling thread does not suspend the
  // coroutine and allocates nothing: most calls have two of them.
  template <typename Read>
  class ReadAwaiter {
   public:
    using Result = std::invoke_result_t<Read&, const StoreReader&>;

    ReadAwaiter(Store& store, ReadExtent extent, Read read)
        : store_(store), extent_(extent), read_(std::move(read)) {}

    bool await_ready() {
      const StoreReader* const reader = store_.InlineReader(extent_);
      if (reader == nullptr) return false;
      result_.emplace(read_(*reader));
      return true;
    }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) {
      task_.emplace(store_.ReadElsewhere([this](const StoreReader& reader) {
        result_.emplace(read_(reader));
        return result_->status();
      }));
      return task_->await_suspend(waiting);
    }
    Result await_resume() {
      if (task_) {
        absl::Status status = task_->await_resume();
        if (!status.ok()) return status;
      }
      return *std::move(result_);
    }

   private:
    Store& store_;
    const ReadExtent extent_;
    Read read_;
    std::optional<Result> result_;
    std::optional<Task<absl::Status>> task_;
  };
};

}  // namespace pinhole
