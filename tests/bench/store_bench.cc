// SPDX-License-Identifier: Apache-2.0

// Durable likes: the store with 1, 8 and 64 callers waiting at a time, beside
// plain SQLite that commits as many in one transaction.  Both sync to disk, so
// the temporary folder (TMPDIR) must be on a real one.

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "benchmark/benchmark.h"
#include "fmt/format.h"
#include "server/base/clock.h"
#include "server/store/sqlite/sqlite_store.h"
#include "tests/support/temp_dir.h"

namespace pinhole {
namespace {

constexpr int kUsers = 200;
constexpr int kPhotos = 50;

// The nth like: every pair once, then every pair taken back, and so on.
struct Turn {
  explicit Turn(std::int64_t n)
      : user(static_cast<int>(n % kUsers)),
        photo(static_cast<int>(n / kUsers % kPhotos)),
        like(n / kUsers / kPhotos % 2 == 0) {}

  int user;
  int photo;
  bool like;
};

// A store with people and photos.
class LikeStore {
 public:
  LikeStore()
      : store_(OpenSqliteStore(
                   {.path = folder_.path() / "bench.db", .clock = &clock_})
                   .value()) {
    for (int i = 0; i < kUsers; ++i) {
      users_.push_back(Do(CreateUser{.handle = fmt::format("user{}", i),
                                     .display_name = "",
                                     .password_hash = "none",
                                     .request = {}})
                           .id);
    }
    for (int i = 0; i < kPhotos; ++i) {
      AddPhoto photo;
      photo.owner = users_[static_cast<std::size_t>(i)];
      photo.file_key = fmt::format("{:032x}", i);
      photo.content_type = "image/jpeg";
      photos_.push_back(Do(std::move(photo)).id);
    }
  }

  // Queues the nth like or unlike; `left` counts down when it is durable.
  void Submit(std::int64_t n, absl::BlockingCounter& left) {
    const Turn turn(n);
    const UserId user = users_[static_cast<std::size_t>(turn.user)];
    const PhotoId photo = photos_[static_cast<std::size_t>(turn.photo)];
    Command command = turn.like ? Command(LikePhoto{user, photo})
                                : Command(UnlikePhoto{user, photo});
    store_->Submit(std::move(command), {},
                   [&left](const absl::StatusOr<CommandResult>& result) {
                     if (!result.ok()) std::abort();
                     left.DecrementCount();
                   });
  }

 private:
  template <typename C>
  typename C::Result Do(C command) {
    absl::StatusOr<CommandResult> result;
    absl::Notification done;
    store_->Submit(std::move(command), {},
                   [&](absl::StatusOr<CommandResult> answer) {
                     result = std::move(answer);
                     done.Notify();
                   });
    done.WaitForNotification();
    return std::get<typename C::Result>(*std::move(result));
  }

  testing::TempDir folder_;
  SystemClock clock_;
  std::unique_ptr<Store> store_;
  std::vector<UserId> users_;
  std::vector<PhotoId> photos_;
};

void StoreLikes(benchmark::State& state) {
  LikeStore store;
  const int callers = static_cast<int>(state.range(0));
  std::int64_t n = 0;
  for (auto _ : state) {
    absl::BlockingCounter left(callers);
    for (int i = 0; i < callers; ++i) store.Submit(n++, left);
    left.Wait();
  }
  state.SetItemsProcessed(n);
}
BENCHMARK(StoreLikes)->Arg(1)->Arg(8)->Arg(64)->UseRealTime();

// The least that a like could cost: a row and a count, nothing else.
class RawLikes {
 public:
  RawLikes() {
    sqlite3_open((folder_.path() / "raw.db").c_str(), &db_);
    Do("PRAGMA journal_mode=WAL");
    Do("PRAGMA synchronous=FULL");
    Do("CREATE TABLE photos (id INTEGER PRIMARY KEY, likes INTEGER NOT NULL)");
    Do("CREATE TABLE likes (photo INTEGER, user INTEGER, "
       "PRIMARY KEY (photo, user)) WITHOUT ROWID");
    for (int i = 0; i < kPhotos; ++i) {
      Do(fmt::format("INSERT INTO photos VALUES ({}, 0)", i));
    }
    like_ = Prepare("INSERT OR IGNORE INTO likes VALUES (?1, ?2)");
    unlike_ = Prepare("DELETE FROM likes WHERE photo = ?1 AND user = ?2");
    count_ = Prepare("UPDATE photos SET likes = likes + ?2 WHERE id = ?1");
  }
  ~RawLikes() {
    for (sqlite3_stmt* statement : {like_, unlike_, count_}) {
      sqlite3_finalize(statement);
    }
    sqlite3_close(db_);
  }
  RawLikes(const RawLikes&) = delete;
  RawLikes& operator=(const RawLikes&) = delete;

  void Do(const std::string& sql) {
    if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr)) std::abort();
  }

  void Like(std::int64_t n) {
    const Turn turn(n);
    Run(turn.like ? like_ : unlike_, turn.photo, turn.user);
    Run(count_, turn.photo, turn.like ? 1 : -1);
  }

 private:
  sqlite3_stmt* Prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr)) std::abort();
    return statement;
  }
  static void Run(sqlite3_stmt* statement, int first, int second) {
    sqlite3_bind_int(statement, 1, first);
    sqlite3_bind_int(statement, 2, second);
    if (sqlite3_step(statement) != SQLITE_DONE) std::abort();
    sqlite3_reset(statement);
  }

  testing::TempDir folder_;
  sqlite3* db_ = nullptr;
  sqlite3_stmt* like_ = nullptr;
  sqlite3_stmt* unlike_ = nullptr;
  sqlite3_stmt* count_ = nullptr;
};

void PlainSqliteLikes(benchmark::State& state) {
  RawLikes likes;
  std::int64_t n = 0;
  for (auto _ : state) {
    likes.Do("BEGIN IMMEDIATE");
    for (int i = 0; i < state.range(0); ++i) likes.Like(n++);
    likes.Do("COMMIT");
  }
  state.SetItemsProcessed(n);
}
BENCHMARK(PlainSqliteLikes)->Arg(1)->Arg(8)->Arg(64)->UseRealTime();

}  // namespace
}  // namespace pinhole
