// SPDX-License-Identifier: Apache-2.0

// From the start of the server to "ready", and the memory it has when it has
// nothing to do: on a database of 1 GB and, as its bound, on an empty one.  The
// large one is kept beside the working folder for the next time.

#include <sqlite3.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "fmt/format.h"
#include "server/media/rendition_version.h"
#include "tests/bench/folder.h"
#include "tests/bench/process.h"
#include "tests/bench/rounds.h"
#include "tests/bench/town.h"

namespace pinhole::bench {
namespace {

constexpr int kPeople = 10'000;

void Execute(sqlite3* db, const std::string& sql) {
  if (sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) {
    return;
  }
  std::cerr << sqlite3_errmsg(db) << std::endl;
  std::abort();
}

// Photos until the file has `bytes`.  By SQL, in the server's own schema, since
// a million commands would take minutes.
void FillWithPhotos(const std::filesystem::path& database,
                    std::uintmax_t bytes) {
  sqlite3* db = nullptr;
  if (sqlite3_open(database.c_str(), &db) != SQLITE_OK) std::abort();
  // Nothing is lost if this is cut off: it is made anew.
  Execute(db,
          "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
          "CREATE TEMP TABLE owners AS "
          "SELECT row_number() OVER () - 1 AS n, id FROM users;"
          "CREATE INDEX temp.owners_by_n ON owners (n);");
  constexpr int kAtATime = 20'000;
  for (int first = 1; std::filesystem::file_size(database) < bytes;
       first += kAtATime) {
    Execute(db,
            fmt::format(
                "BEGIN; WITH RECURSIVE n(n) AS (SELECT {0} UNION ALL "
                "SELECT n + 1 FROM n WHERE n < {0} + {1} - 1) "
                "INSERT INTO photos (id, owner_id, visibility, create_time, "
                "width, height, size_bytes, content_type, file_key, caption, "
                "alt_text, rendition_version) SELECT n.n << 22, o.id, 1, n.n, "
                "4000, 3000, 5400000,"
                " 'image/jpeg', lower(hex(randomblob(16))),"
                " hex(randomblob(150)), 'A rock before a sky', {3} "
                "FROM n JOIN owners o ON o.n = n.n * 7919 % {2}; COMMIT",
                first, kAtATime, kPeople, media::kRenditionVersion));
  }
  Execute(db,
          "UPDATE users SET public_photo_count = "
          "(SELECT count(*) FROM photos WHERE owner_id = users.id);"
          "UPDATE meta SET last_id = (SELECT max(id) FROM photos);"
          "PRAGMA journal_mode=WAL");
  sqlite3_close(db);
}

// The data folder with a database of `bytes`; made if it is not there.
std::filesystem::path LargeDataDir(const Rounds& rounds, std::uintmax_t bytes) {
  const std::filesystem::path kept =
      rounds.folder().parent_path() /
      fmt::format("data-{}-megabytes", bytes / 1'000'000);
  if (std::filesystem::exists(kept / "complete")) return kept;
  std::filesystem::remove_all(kept);
  {
    const std::unique_ptr<SqliteStore> store = OpenStore(kept);
    AddPeople(*store, "person", kPeople);
  }
  FillWithPhotos(kept / "pinhole.db", bytes);
  { const ServerProcess once(rounds, kept); }  // Leaves it closed in order.
  std::ofstream(kept / "complete") << "by start_bench\n";
  return kept;
}

void Measure(Rounds& rounds, const std::string& name,
             const std::filesystem::path& data_dir) {
  const ServerProcess server(rounds, data_dir);
  rounds.Note(name + ", start to ready", "ms",
              absl::ToDoubleMilliseconds(server.start_time()));
  absl::SleepFor(rounds.visit());
  rounds.Note(name + ", idle memory", "MiB", server.ResidentMebibytes());
  rounds.Note(name + ", idle memory, anonymous", "MiB",
              server.AnonymousMebibytes());
}

int Run(Rounds rounds) {
  const Folder folder(rounds.folder());
  const auto bytes =
      static_cast<std::uintmax_t>(rounds.Sized(1'000'000'000, 20'000'000));
  const std::filesystem::path large = LargeDataDir(rounds, bytes);
  for (int round = 0; round < rounds.count(); ++round) {
    Measure(rounds, "empty", folder.path() / "empty");
    Measure(rounds, "large", large);
  }
  rounds.Remark(fmt::format(
      "The large database has {} MB and lies in the page cache",
      std::filesystem::file_size(large / "pinhole.db") / 1'000'000));
  return rounds.Finish({
      {.path = "1 GB, start to ready (ms)",
       .figure = "large, start to ready",
       .at_most = 500},
      {.path = "1 GB, idle memory (MiB)",
       .figure = "large, idle memory",
       .at_most = 40},
  });
}

}  // namespace
}  // namespace pinhole::bench

int main(int argc, char** argv) {
  return pinhole::bench::Run({"start", argc, argv});
}
