// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/file/schema.h"

#include <filesystem>
#include <fstream>
#include <memory>

#include "SQLiteCpp/Database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/sqlite/sqlite_store.h"
#include "tests/support/manual_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace pinhole::store {
namespace {

using ::pinhole::testing::IsOk;
using ::pinhole::testing::StatusIs;
using ::testing::HasSubstr;

class SchemaTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<Store>> Open() {
    SqliteOptions options;
    options.path = path_;
    options.clock = &clock_;
    return OpenSqliteStore(options);
  }
  // Changes the database as another program would.
  void Change(const char* sql) {
    SQLite::Database db(path_.string(),
                        SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    db.exec(sql);
  }

  testing::TempDir folder_;
  testing::ManualClock clock_;
  const std::filesystem::path path_ = folder_.path() / "pinhole.db";
};

TEST_F(SchemaTest, EmptyFileBecomesADatabaseThatOnlyItsOwnerReads) {
  std::ofstream(path_).close();

  EXPECT_THAT(Open(), IsOk());

  EXPECT_EQ(
      std::filesystem::status(path_).permissions(),
      std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(SchemaTest, OpensItsOwnDatabaseAgain) {
  EXPECT_THAT(Open(), IsOk());
  EXPECT_THAT(Open(), IsOk());
}

TEST_F(SchemaTest, NewerSchemaIsRefused) {
  ASSERT_THAT(Open(), IsOk());
  Change("PRAGMA user_version=1000");

  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kFailedPrecondition,
                               HasSubstr("newer version of Pinhole")));
}

TEST_F(SchemaTest, ForeignDatabaseIsRefusedAndUnchanged) {
  Change("PRAGMA application_id=7; CREATE TABLE theirs (a)");
  const auto size = std::filesystem::file_size(path_);

  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kFailedPrecondition,
                               HasSubstr("another application")));

  EXPECT_EQ(std::filesystem::file_size(path_), size);
  EXPECT_FALSE(std::filesystem::exists(path_.string() + "-wal"));
}

TEST_F(SchemaTest, RefusedDatabaseKeepsItsLog) {
  SQLite::Database theirs(path_.string(),
                          SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  theirs.exec("PRAGMA journal_mode=WAL; CREATE TABLE theirs (a)");
  // Leaves a log, as a crash of the other program would.
  const auto crashed = folder_.path() / "crashed.db";
  std::filesystem::copy_file(path_, crashed);
  std::filesystem::copy_file(path_.string() + "-wal",
                             crashed.string() + "-wal");
  const auto size = std::filesystem::file_size(crashed.string() + "-wal");
  SqliteOptions options;
  options.path = crashed;
  options.clock = &clock_;

  EXPECT_THAT(OpenSqliteStore(options),
              StatusIs(absl::StatusCode::kFailedPrecondition));

  EXPECT_EQ(std::filesystem::file_size(crashed.string() + "-wal"), size);
}

TEST_F(SchemaTest, DatabaseWithoutAnApplicationIdIsRefused) {
  Change("CREATE TABLE theirs (a)");

  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(SchemaTest, FileThatIsNotADatabaseIsRefused) {
  std::ofstream(path_) << std::string(5000, 'x');

  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(SchemaTest, MissingFolderIsRefused) {
  std::filesystem::remove_all(folder_.path());

  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(SchemaTest, ClosingLeavesNoLogBehind) {
  auto store = Open().value();

  store->Close();

  EXPECT_FALSE(std::filesystem::exists(path_.string() + "-wal"));
}

}  // namespace
}  // namespace pinhole::store
