// SPDX-License-Identifier: Apache-2.0

// Durable likes: the store with callers waiting, beside plain SQLite that runs
// the same statements on the same rows and commits as many at a time.

#include <sqlite3.h>
#include <time.h>

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "server/store/store.h"
#include "tests/bench/folder.h"
#include "tests/bench/like_callers.h"
#include "tests/bench/raw_likes.h"
#include "tests/bench/rounds.h"
#include "tests/bench/town.h"

namespace pinhole::bench {
namespace {

// One caller that sends the next like from within the answer, on the writer's
// thread: what is lost to handing over between threads.
class CallerOnWriter {
 public:
  explicit CallerOnWriter(Store& store, const Likers& likers, std::int64_t& n)
      : store_(store), likers_(likers), n_(n) {}

  std::int64_t Like(absl::Duration time) {
    Send(absl::Now() + time);
    const absl::MutexLock lock(&mutex_, absl::Condition(&over_));
    return done_;
  }

 private:
  void Send(absl::Time end) {
    store_.Submit(likers_.At(n_++), {},
                  [this, end](const absl::StatusOr<CommandResult>& result) {
                    if (!result.ok()) std::abort();
                    ++done_;
                    if (absl::Now() < end) {
                      Send(end);
                      return;
                    }
                    const absl::MutexLock lock(&mutex_);
                    over_ = true;
                  });
  }

  Store& store_;
  const Likers& likers_;
  std::int64_t& n_;
  std::int64_t done_ = 0;
  absl::Mutex mutex_;
  bool over_ ABSL_GUARDED_BY(mutex_) = false;
};

std::int64_t LikeRaw(RawLikes& raw, RawLikes::Statements statements,
                     const Likers& likers, std::int64_t& n, int batch,
                     absl::Duration time) {
  const absl::Time begin = absl::Now();
  std::int64_t done = 0;
  while (absl::Now() - begin < time) {
    raw.Begin();
    for (int i = 0; i < batch; ++i) {
      const LikePhoto like = likers.At(n++);
      raw.Like(statements, like.actor, like.photo);
    }
    raw.Commit();
    done += batch;
  }
  return done;
}

// The statements that a store runs while it exists, in all connections that are
// opened meanwhile.
class StatementLog {
 public:
  StatementLog() {
    statements_.clear();
    sqlite3_auto_extension(Extension());
  }
  ~StatementLog() { sqlite3_cancel_auto_extension(Extension()); }

  static std::vector<std::string> Take() {
    return std::exchange(statements_, {});
  }

 private:
  using Function = void (*)();
  static Function Extension() {
    return reinterpret_cast<Function>(
        +[](sqlite3* db, const char**, const sqlite3_api_routines*) {
          return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, &Note, nullptr);
        });
  }
  static int Note(unsigned, void*, void*, void* sql) {
    std::string text(static_cast<const char*>(sql));
    statements_.push_back(text.size() <= 44 ? text
                                            : text.substr(0, 40) + " ...");
    return 0;
  }

  static inline std::vector<std::string> statements_;
};

// Tells what the store runs for one like, so that a reader can see whether the
// bound runs the same.
void RemarkOnStatements(Rounds& rounds) {
  const Folder folder(rounds.folder());
  const StatementLog log;
  const std::unique_ptr<SqliteStore> store = OpenStore(folder.path());
  const std::vector<UserId> people = AddPeople(*store, "liker", 3);
  const std::vector<PhotoId> photos = AddPhotos(*store, {people[0]}, 1);
  for (const UserId user : {people[1], people[2]}) {
    log.Take();
    ExecuteAll<LikePhoto>(*store, {{user, photos[0]}});
  }
  const std::vector<std::string> statements = log.Take();
  rounds.Remark(fmt::format("One like alone, in the store: {} statements\n  {}",
                            statements.size(), fmt::join(statements, "\n  ")));
}

int Run(Rounds rounds) {
  RemarkOnStatements(rounds);
  const Folder folder(rounds.folder());
  Likers likers;
  {
    const std::unique_ptr<SqliteStore> store =
        OpenStore(folder.path() / "store");
    likers.people = AddPeople(*store, "liker", rounds.Sized(2000, 50));
    likers.photos = AddPhotos(*store, likers.people, rounds.Sized(50'000, 500));
  }
  std::filesystem::copy(folder.path() / "store", folder.path() / "raw");
  const std::unique_ptr<SqliteStore> store = OpenStore(folder.path() / "store");
  RawLikes raw(folder.path() / "raw" / "pinhole.db");

  std::int64_t in_store = 0;
  std::int64_t in_raw = 0;
  for (int round = 0; round < rounds.count(); ++round) {
    for (const int callers : {1, 8, 64, 512}) {
      const std::string batch = fmt::format("raw, {} per commit", callers);
      Measure(rounds, batch, [&] {
        return LikeRaw(raw, RawLikes::Statements::kAsStore, likers, in_raw,
                       callers, rounds.visit());
      });
      Measure(rounds, batch + ", writes only", [&] {
        return LikeRaw(raw, RawLikes::Statements::kWritesOnly, likers, in_raw,
                       callers, rounds.visit());
      });
      Measure(rounds, fmt::format("store, {} waiting", callers), [&] {
        return LikeCallers(*store, likers, in_store)
            .Like(callers, rounds.visit());
      });
    }
    Measure(rounds, "store, 1 waiting on the writer's thread", [&] {
      return CallerOnWriter(*store, likers, in_store).Like(rounds.visit());
    });
  }
  return rounds.Finish({
      {.path = "durable likes, 64 callers",
       .figure = "store, 64 waiting",
       .bound = "raw, 64 per commit",
       .at_least = 0.8},
      {.path = "durable likes, 1 caller",
       .figure = "store, 1 waiting",
       .bound = "raw, 1 per commit",
       .at_least = 0.9},
      {.path = "durable likes, 1 caller, no thread between",
       .figure = "store, 1 waiting on the writer's thread",
       .bound = "raw, 1 per commit",
       .at_least = 0.9},
      {.path = "CPU of a durable like, 64 callers, over SQLite's",
       .figure = "store, 64 waiting, CPU",
       .bound = "raw, 64 per commit, CPU",
       .at_most = 1.25},
  });
}

}  // namespace
}  // namespace pinhole::bench

int main(int argc, char** argv) {
  return pinhole::bench::Run({"store", argc, argv});
}
