// SPDX-License-Identifier: Apache-2.0

// Durable likes on PostgreSQL: the writer with callers waiting, beside one
// statement that writes as many likes at a time on the same cluster, beside the
// SQLite store, and beside pgbench.  Then several writers, as several servers
// have, on popular photos and on all.  And reads, beside their statements.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "fmt/format.h"
#include "server/store/postgres/db/connection.h"
#include "server/store/postgres/postgres_writer.h"
#include "server/store/postgres/schema/schema.h"
#include "tests/bench/folder.h"
#include "tests/bench/like_callers.h"
#include "tests/bench/pgbench_likes.h"
#include "tests/bench/postgres_reads.h"
#include "tests/bench/raw_postgres_likes.h"
#include "tests/bench/rounds.h"
#include "tests/bench/town.h"
#include "tests/support/postgres_cluster.h"

namespace pinhole::bench {
namespace {

constexpr int kWriters = 4;
constexpr int kPopularPhotos = 50;
constexpr int kFollowed = 200;

// People and photos, written by SQL.
Likers MakeTown(const std::string& uri, int people, int photos) {
  using postgres::Connection;
  using postgres::ConnectionKind;
  const std::unique_ptr<Connection> db =
      Connection::Open({.uri = uri, .kind = ConnectionKind::kUpgrade}).value();
  if (!postgres::Migrate(*db).ok()) std::abort();
  const std::string sql = fmt::format(
      "INSERT INTO users (id, handle, display_name, password_hash, "
      "create_time) SELECT i, 'liker' || i, 'Person number ' || i, 'none', i "
      "FROM generate_series(1, {0}) i;"
      "INSERT INTO photos (owner_id, id, visibility, create_time, width, "
      "height, size_bytes, content_type, file_key, caption, alt_text) "
      "SELECT i::bigint * 7919 % {0} + 1, i, 1, i, 4000, 3000, 5400000, "
      "'image/jpeg', md5(i::text), 'Photo number ' || i, 'A rock' "
      "FROM generate_series(1, {1}) i;"
      "INSERT INTO photo_owners SELECT id, owner_id FROM photos;"
      "INSERT INTO follows SELECT 1, i, i FROM generate_series(2, {2} + 1) i",
      people, photos, std::min(people - 1, kFollowed));
  if (!db->Execute(sql).ok() || !db->Execute("VACUUM ANALYZE").ok()) {
    std::abort();
  }
  Likers likers;
  for (int i = 1; i <= people; ++i) likers.people.push_back(UserId{i});
  for (int i = 1; i <= photos; ++i) likers.photos.push_back(PhotoId{i});
  return likers;
}

Likers MakeTown(Store& store, int people, int photos) {
  Likers likers;
  likers.people = AddPeople(store, "liker", people);
  likers.photos = AddPhotos(store, likers.people, photos);
  return likers;
}

std::int64_t LikeRaw(RawPostgresLikes& raw, const Likers& likers,
                     std::int64_t& n, int batch, absl::Duration time) {
  const absl::Time begin = absl::Now();
  std::int64_t done = 0;
  std::vector<LikePhoto> likes;
  while (absl::Now() - begin < time) {
    likes.clear();
    for (int i = 0; i < batch; ++i) likes.push_back(likers.At(n++));
    raw.Like(likes);
    done += batch;
  }
  return done;
}

using Writers = std::vector<std::unique_ptr<postgres::PostgresWriter>>;

// 64 callers at each of the first `count` writers, each of which has its own
// people and photos.
std::int64_t LikeAtAll(Writers& writers, std::size_t count,
                       const std::vector<Likers>& likers,
                       std::vector<std::int64_t>& n, absl::Duration time) {
  std::vector<std::int64_t> done(count);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      done[i] = LikeCallers(*writers[i], likers[i], n[i]).Like(64, time);
    });
  }
  std::int64_t all = 0;
  for (std::size_t i = 0; i < count; ++i) {
    threads[i].join();
    all += done[i];
  }
  return all;
}

// The best rate of pgbench: few clients wait for the disk one after the other,
// and many get in each other's way.
void MeasurePgbench(Rounds& rounds, const PgbenchLikes& pgbench) {
  double best = 0;
  const int seconds =
      static_cast<int>(std::ceil(absl::ToDoubleSeconds(rounds.visit())));
  for (const int clients :
       rounds.quick() ? std::vector{8} : std::vector{8, 16, 32, 64}) {
    best = std::max(best, pgbench.Run(clients, seconds));
  }
  rounds.Note("pgbench, at its best", "likes/s", best);
}

void MeasureReads(Rounds& rounds, PostgresReads& reads) {
  const absl::Duration time = rounds.visit() / 2;
  const auto note = [&](const std::string& name, std::int64_t done) {
    rounds.Note(name, "reads/s",
                static_cast<double>(done) / absl::ToDoubleSeconds(time));
  };
  note("raw, GetPhoto", reads.RawPhotos(time));
  note("PostgreSQL, GetPhoto", reads.Photos(time));
  note("raw, GetUser", reads.RawUsers(time));
  note("PostgreSQL, GetUser", reads.Users(time));
  note("raw, GetFeed", reads.RawFeeds(time));
  note("PostgreSQL, GetFeed", reads.Feeds(time));
}

int Run(Rounds rounds) {
  static const SystemClock clock;
  const Folder folder(rounds.folder());
  testing::PostgresCluster cluster(
      {"fsync = on", "full_page_writes = on", "shared_buffers = 512MB"});
  const std::string database = cluster.CreateDatabase();
  const std::string uri = cluster.Uri(database);
  const int people = rounds.Sized(2000, 50);
  const int photos = rounds.Sized(50'000, 500);
  const Likers likers = MakeTown(uri, people, photos);
  const std::unique_ptr<Store> sqlite = OpenStore(folder.path() / "store");
  const Likers in_sqlite = MakeTown(*sqlite, people, photos);

  RawPostgresLikes raw(uri);
  const PgbenchLikes pgbench(cluster, database, folder.path(), people, photos);
  PostgresReads reads(uri, clock, photos, people);
  Writers writers;
  for (int i = 0; i < kWriters; ++i) {
    writers.push_back(std::make_unique<postgres::PostgresWriter>(
        postgres::PostgresWriter::Options{.uri = uri, .clock = &clock}));
  }
  // Pairs of a person and a photo repeat after all of them.
  const std::int64_t all = std::int64_t{people} * photos;
  std::int64_t raw_n = 0;
  std::int64_t store_n = all / 4;
  std::int64_t sqlite_n = 0;
  std::vector<Likers> uniform, popular;
  for (int i = 0; i < kWriters; ++i) {
    const auto first = likers.people.begin() + i * people / kWriters;
    uniform.push_back({{first, first + people / kWriters}, likers.photos});
    // Photos that are popular at the same time were not added one after the
    // other.
    popular.push_back({uniform.back().people, {}});
    for (int photo = 0; photo < kPopularPhotos; ++photo) {
      popular.back().photos.push_back(
          likers.photos[photo * photos / kPopularPhotos]);
    }
  }
  std::vector<std::int64_t> uniform_n(kWriters, all / kWriters / 2);
  std::vector<std::int64_t> popular_n(kWriters, 0);
  for (int round = 0; round < rounds.count(); ++round) {
    for (const int callers : {1, 64}) {
      Measure(rounds, fmt::format("raw, {} per commit", callers), [&] {
        return LikeRaw(raw, likers, raw_n, callers, rounds.visit());
      });
      Measure(rounds, fmt::format("PostgreSQL, {} waiting", callers), [&] {
        return LikeCallers(*writers[0], likers, store_n)
            .Like(callers, rounds.visit());
      });
      Measure(rounds, fmt::format("SQLite, {} waiting", callers), [&] {
        return LikeCallers(*sqlite, in_sqlite, sqlite_n)
            .Like(callers, rounds.visit());
      });
    }
    MeasurePgbench(rounds, pgbench);
    for (const std::size_t count : {1, 2, 4}) {
      Measure(rounds, fmt::format("all photos, {} writing", count), [&] {
        return LikeAtAll(writers, count, uniform, uniform_n, rounds.visit());
      });
    }
    Measure(rounds, "50 photos, 4 writing", [&] {
      return LikeAtAll(writers, 4, popular, popular_n, rounds.visit());
    });
    MeasureReads(rounds, reads);
  }
  std::int64_t conflicts = 0;
  for (const auto& writer : writers) {
    conflicts += writer->stats().batches.conflicts;
  }
  rounds.Remark(
      absl::StrCat("Transactions that were repeated because of a "
                   "conflict: ",
                   conflicts));
  return rounds.Finish({
      {.path = "durable likes, 64 callers",
       .figure = "PostgreSQL, 64 waiting",
       .bound = "raw, 64 per commit",
       .at_least = 0.8},
      {.path = "durable likes, 64 callers, over SQLite's",
       .figure = "PostgreSQL, 64 waiting",
       .bound = "SQLite, 64 waiting",
       .at_least = 1.0},
      {.path = "durable likes, 1 caller",
       .figure = "PostgreSQL, 1 waiting",
       .bound = "raw, 1 per commit",
       .at_least = 0.77},
      {.path = "durable likes, 64 callers, over pgbench's",
       .figure = "PostgreSQL, 64 waiting",
       .bound = "pgbench, at its best",
       .at_least = 2.0},
      {.path = "likes, 2 servers",
       .figure = "all photos, 2 writing",
       .bound = "all photos, 1 writing",
       .at_least = 0.95},
      {.path = "GetPhoto",
       .figure = "PostgreSQL, GetPhoto",
       .bound = "raw, GetPhoto",
       .at_least = 0.77},
      {.path = "GetUser",
       .figure = "PostgreSQL, GetUser",
       .bound = "raw, GetUser",
       .at_least = 0.77},
      {.path = "GetFeed, 200 followed",
       .figure = "PostgreSQL, GetFeed",
       .bound = "raw, GetFeed",
       .at_least = 0.77},
      {.path = "likes of popular photos, 4 servers",
       .figure = "50 photos, 4 writing",
       .bound = "all photos, 4 writing",
       .at_least = 0.7},
  });
}

}  // namespace
}  // namespace pinhole::bench

int main(int argc, char** argv) {
  return pinhole::bench::Run({"postgres", argc, argv});
}
