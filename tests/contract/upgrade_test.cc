// SPDX-License-Identifier: Apache-2.0

// Upgrades of databases of every past version (tests/fixtures/schema), also if
// the process is killed during the upgrade.

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "SQLiteCpp/Database.h"
#include "SQLiteCpp/Statement.h"
#include "fmt/format.h"
#include "server/store/sqlite/file/schema.h"
#include "server/store/sqlite/file/upgrade.h"
#include "server/store/sqlite/sqlite_store.h"
#include "tests/contract/store_contract.h"
#include "tests/support/blocking_reader.h"
#include "tests/support/kill_vfs.h"

namespace pinhole::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::IsEmpty;

fs::path Fixture(int version) {
  return fs::path(PINHOLE_SCHEMA_FIXTURES) / fmt::format("v{}.sql", version);
}

std::vector<int> PastVersions() {
  std::vector<int> versions;
  for (int v = 1; v < store::CurrentSchemaVersion(); ++v) versions.push_back(v);
  return versions;
}

// By table and columns.
using Rows = std::map<std::string, std::vector<std::string>>;

std::vector<std::string> ReadAll(SQLite::Database& db,
                                 const std::string& query) {
  SQLite::Statement statement(db, query);
  std::vector<std::string> rows;
  while (statement.executeStep()) {
    std::string row;
    for (int i = 0; i < statement.getColumnCount(); ++i) {
      row += statement.getColumn(i).getString() + "|";
    }
    rows.push_back(row);
  }
  return rows;
}

class UpgradeTest : public ::testing::TestWithParam<int> {
 protected:
  // A database of the version, made by the server of that version.
  void Build() {
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
      fs::remove(entry.path());
    }
    std::stringstream sql;
    sql << std::ifstream(Fixture(GetParam())).rdbuf();
    SQLite::Database db(path_.string(),
                        SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    db.exec("PRAGMA journal_mode=WAL");
    db.exec(sql.str());
  }

  absl::StatusOr<std::unique_ptr<Store>> Open() {
    SqliteOptions options;
    options.path = path_;
    options.clock = &clock_;
    return OpenSqliteStore(options);
  }

  // The content of the columns that `expected` has; of all columns if it is
  // empty.
  static Rows Read(const fs::path& file, const Rows& expected = {}) {
    SQLite::Database db(file.string(), SQLite::OPEN_READONLY);
    Rows rows;
    for (const auto& [query, ignored] : expected) {
      rows[query] = ReadAll(db, query);
    }
    if (!expected.empty()) return rows;
    for (const std::string& table :
         ReadAll(db, "SELECT name FROM sqlite_schema WHERE type = 'table'")) {
      const std::string name = table.substr(0, table.size() - 1);
      std::string columns;
      for (const std::string& column : ReadAll(
               db,
               fmt::format("SELECT name FROM pragma_table_info('{}')", name))) {
        columns +=
            (columns.empty() ? "" : ", ") + column.substr(0, column.size() - 1);
      }
      const std::string query =
          fmt::format("SELECT {} FROM {} ORDER BY {}", columns, name, columns);
      rows[query] = ReadAll(db, query);
    }
    return rows;
  }

  int VersionOf(const fs::path& file) {
    SQLite::Database db(file.string(), SQLite::OPEN_READONLY);
    return db.execAndGet("PRAGMA user_version").getInt();
  }

  // Opens the database in a process that is killed at the nth change to the
  // disk.  Returns whether it was killed.
  bool OpenIsKilledAt(int change) {
    const pid_t child = fork();
    if (child == 0) {
      KillAtChange(change);
      const bool opened = Open().ok();
      _exit(opened ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) {
      EXPECT_EQ(WTERMSIG(status), SIGKILL);
      return true;
    }
    EXPECT_EQ(WEXITSTATUS(status), 0);
    return false;
  }

  std::vector<std::string> Mistakes() {
    const StoreKind kind = AllStores()[0];
    const auto store = kind.open(folder_.path(), clock_);
    store->Close();
    return kind.find_mistakes(folder_.path(), *store);
  }

  TempDir folder_;
  ManualClock clock_;
  const fs::path path_ = folder_.path() / "pinhole.db";
  const fs::path copy_ = fmt::format("{}.before-v{}", path_.string(),
                                     store::CurrentSchemaVersion());
};

TEST_P(UpgradeTest, KeepsEveryRow) {
  Build();
  const Rows before = Read(path_);

  ASSERT_THAT(Open(), IsOk());

  EXPECT_EQ(VersionOf(path_), store::CurrentSchemaVersion());
  EXPECT_EQ(Read(path_, before), before);
  EXPECT_THAT(Mistakes(), IsEmpty());
}

TEST_P(UpgradeTest, UpgradedStoreTakesWrites) {
  Build();
  const auto store = Open().value();

  const BlockingReader reader(*store);
  const UserId ansel = reader.FindCredentials("ansel")->id;
  const UserId edward = reader.FindCredentials("edward")->id;
  ASSERT_THAT(Do(*store, SetAdministrator{ansel, true}), IsOk());
  ASSERT_THAT(Do(*store, DeleteUser{edward}), IsOk());

  EXPECT_TRUE(reader.FindCredentials("ansel")->administrator);
  store->Close();
  EXPECT_THAT(Mistakes(), IsEmpty());
}

TEST_P(UpgradeTest, UpgradeKilledAtAnyChangeSucceedsTheNextTime) {
  Build();
  const Rows before = Read(path_);
  int change = 1;
  for (; change < 2000; ++change) {
    Build();
    if (!OpenIsKilledAt(change)) break;
    if (fs::exists(copy_)) {
      EXPECT_EQ(Read(copy_), before) << change;
    }

    ASSERT_THAT(Open(), IsOk()) << change;

    EXPECT_EQ(VersionOf(path_), store::CurrentSchemaVersion()) << change;
    EXPECT_EQ(Read(path_, before), before) << change;
    EXPECT_THAT(Mistakes(), IsEmpty()) << change;
  }
  // The copy alone has more pages than that.
  EXPECT_GT(change, 20);
  EXPECT_LT(change, 2000);
}

TEST_P(UpgradeTest, LeavesACopyToGoBackTo) {
  Build();
  const Rows before = Read(path_);

  ASSERT_THAT(Open(), IsOk());

  EXPECT_EQ(VersionOf(copy_), GetParam());
  EXPECT_EQ(Read(copy_), before);
  EXPECT_EQ(fs::status(copy_).permissions() & fs::perms::others_all,
            fs::perms::none);
  const fs::directory_iterator entries(folder_.path());
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 2);
}

TEST_P(UpgradeTest, CopyIsKeptForAWeek) {
  Build();
  ASSERT_THAT(Open(), IsOk());
  const auto age = [this](std::chrono::hours hours) {
    fs::last_write_time(copy_, fs::file_time_type::clock::now() - hours);
  };

  age(std::chrono::hours(24 * 7 - 1));
  ASSERT_THAT(Open(), IsOk());
  EXPECT_TRUE(fs::exists(copy_));

  age(std::chrono::hours(24 * 7 + 1));
  ASSERT_THAT(Open(), IsOk());
  EXPECT_FALSE(fs::exists(copy_));
}

TEST_P(UpgradeTest, DamagedDatabaseIsNotUpgraded) {
  Build();
  // A page of the users' index turned to zeros.
  std::int64_t page = 0;
  std::int64_t size = 0;
  {
    SQLite::Database db(path_.string(), SQLite::OPEN_READONLY);
    page = db.execAndGet(
                 "SELECT rootpage FROM sqlite_schema "
                 "WHERE name = 'sqlite_autoindex_users_1'")
               .getInt64();
    size = db.execAndGet("PRAGMA page_size").getInt64();
  }
  std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp((page - 1) * size);
  file << std::string(static_cast<std::size_t>(size), '\0');
  file.close();

  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss));

  EXPECT_EQ(VersionOf(path_), GetParam());
  EXPECT_FALSE(fs::exists(copy_));
}

INSTANTIATE_TEST_SUITE_P(PastVersions, UpgradeTest,
                         ::testing::ValuesIn(PastVersions()),
                         [](const ::testing::TestParamInfo<int>& i) {
                           return fmt::format("V{}", i.param);
                         });

TEST(UpgradeFixtures, ThereIsOneForEveryPastVersion) {
  for (const int version : PastVersions()) {
    EXPECT_TRUE(fs::exists(Fixture(version))) << version;
  }
}

TEST(UpgradeCopy, NewDatabaseHasNone) {
  const TempDir folder;
  const ManualClock clock;
  SqliteOptions options;
  options.path = folder.path() / "pinhole.db";
  options.clock = &clock;

  OpenSqliteStore(options).value()->Close();

  const fs::directory_iterator entries(folder.path());
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

}  // namespace
}  // namespace pinhole::testing
