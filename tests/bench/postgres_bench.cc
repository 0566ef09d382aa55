// SPDX-License-Identifier: Apache-2.0

// Durable likes on PostgreSQL: the writer with callers waiting, beside one
// statement that writes as many likes at a time on the same cluster, and beside
// the SQLite store.  Then several writers, as several servers have, on popular
// photos and on all.

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
#include "tests/bench/raw_postgres_likes.h"
#include "tests/bench/rounds.h"
#include "tests/bench/town.h"
#include "tests/support/postgres_cluster.h"

namespace pinhole::bench {
namespace {

constexpr int kWriters = 4;
constexpr int kPopularPhotos = 50;

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
      "INSERT INTO photo_owners SELECT id, owner_id FROM photos",
      people, photos);
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

// 64 callers at each writer, each of which has its own people and photos.
std::int64_t LikeAtAll(Writers& writers, const std::vector<Likers>& likers,
                       std::vector<std::int64_t>& n, absl::Duration time) {
  std::vector<std::int64_t> done(writers.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < writers.size(); ++i) {
    threads.emplace_back([&, i] {
      done[i] = LikeCallers(*writers[i], likers[i], n[i]).Like(64, time);
    });
  }
  std::int64_t all = 0;
  for (std::size_t i = 0; i < writers.size(); ++i) {
    threads[i].join();
    all += done[i];
  }
  return all;
}

int Run(Rounds rounds) {
  static const SystemClock clock;
  const Folder folder(rounds.folder());
  testing::PostgresCluster cluster(
      {"fsync = on", "full_page_writes = on", "shared_buffers = 512MB"});
  const std::string uri = cluster.Uri(cluster.CreateDatabase());
  const int people = rounds.Sized(2000, 50);
  const int photos = rounds.Sized(50'000, 500);
  const Likers likers = MakeTown(uri, people, photos);
  const std::unique_ptr<Store> sqlite = OpenStore(folder.path() / "store");
  const Likers in_sqlite = MakeTown(*sqlite, people, photos);

  RawPostgresLikes raw(uri);
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
    Measure(rounds, "4 writers, all photos", [&] {
      return LikeAtAll(writers, uniform, uniform_n, rounds.visit());
    });
    Measure(rounds, "4 writers, 50 photos", [&] {
      return LikeAtAll(writers, popular, popular_n, rounds.visit());
    });
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
      {.path = "likes of popular photos, 4 servers",
       .figure = "4 writers, 50 photos",
       .bound = "4 writers, all photos",
       .at_least = 0.7},
  });
}

}  // namespace
}  // namespace pinhole::bench

int main(int argc, char** argv) {
  return pinhole::bench::Run({"postgres", argc, argv});
}
