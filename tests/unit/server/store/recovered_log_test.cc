// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/file/recovered_log.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "SQLiteCpp/Database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace pinhole::store {
namespace {

using ::pinhole::testing::IsOk;
using ::pinhole::testing::StatusIs;
using ::testing::HasSubstr;

class RecoveredLogTest : public ::testing::Test {
 protected:
  // The log of a database whose process was killed.
  static std::string LogOfACrash() {
    testing::TempDir folder;
    const std::string path = folder.path() / "a.db";
    SQLite::Database db(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    db.exec(
        "PRAGMA journal_mode=WAL; CREATE TABLE t (a); INSERT INTO t "
        "VALUES (zeroblob(1500000))");
    return Contents(path + "-wal");
  }
  static std::string Contents(const std::filesystem::path& path) {
    std::ostringstream bytes;
    bytes << std::ifstream(path, std::ios::binary).rdbuf();
    return bytes.str();
  }
  absl::Status Recover(const std::string& log) {
    std::ofstream(log_, std::ios::binary) << log;
    const absl::Status status = MakeLogDurable(database_);
    EXPECT_EQ(Contents(log_), log);
    return status;
  }

  testing::TempDir folder_;
  const std::filesystem::path database_ = folder_.path() / "pinhole.db";
  const std::filesystem::path log_ = folder_.path() / "pinhole.db-wal";
};

TEST_F(RecoveredLogTest, LogOfACrashIsAcceptedAndUnchanged) {
  const std::string log = LogOfACrash();

  ASSERT_GT(log.size(), 1u << 20);  // More than one read returns.
  EXPECT_THAT(Recover(log), IsOk());
}

TEST_F(RecoveredLogTest, MissingLogIsAccepted) {
  EXPECT_THAT(MakeLogDurable(database_), IsOk());
}

TEST_F(RecoveredLogTest, LogOfAPowerLossBeforeItsFirstSyncIsAccepted) {
  EXPECT_THAT(Recover(""), IsOk());
  EXPECT_THAT(Recover(std::string(20, 'x')), IsOk());
  EXPECT_THAT(Recover(std::string(5000, '\0')), IsOk());
}

TEST_F(RecoveredLogTest, EveryFlippedBitOfTheHeaderIsDamage) {
  const std::string log = LogOfACrash();

  for (std::size_t at = 0; at < 32; ++at) {
    std::string damaged = log;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    EXPECT_THAT(Recover(damaged),
                StatusIs(absl::StatusCode::kDataLoss, HasSubstr("-wal")))
        << at;
  }
}

}  // namespace
}  // namespace pinhole::store
