// SPDX-License-Identifier: Apache-2.0

// Copies of the database during writes, and checks of copies.

#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/sqlite/file/background_copy.h"
#include "server/store/sqlite/file/database_copy.h"
#include "server/store/sqlite/sqlite_store.h"
#include "tests/support/manual_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace pinhole::store {
namespace {

using ::pinhole::testing::IsOk;
using ::pinhole::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

absl::Status Ignore(const CopiedPhoto&) { return absl::OkStatus(); }

class CopyTest : public ::testing::Test {
 protected:
  CopyTest() { store_ = Open(path_); }

  std::unique_ptr<SqliteStore> Open(const std::filesystem::path& path) {
    SqliteOptions options;
    options.path = path;
    options.clock = &clock_;
    return OpenSqliteStore(options).value();
  }

  absl::StatusOr<CommandResult> Do(Command command) {
    absl::Notification answered;
    absl::StatusOr<CommandResult> result;
    store_->Submit(std::move(command), {},
                   [&](absl::StatusOr<CommandResult> r) {
                     result = std::move(r);
                     answered.Notify();
                   });
    answered.WaitForNotification();
    return result;
  }
  UserId Register(const std::string& handle) {
    return std::get<User>(*Do(CreateUser{handle, "Name", "hash", {}})).id;
  }
  void Publish(UserId owner, const std::string& key, std::int64_t size) {
    ASSERT_THAT(Do(RecordUpload{key}), IsOk());
    const AddPhoto photo{owner,
                         key,
                         std::string(2000, 'c'),
                         "",
                         Visibility::kPublic,
                         1,
                         1,
                         size,
                         "image/png",
                         {}};
    ASSERT_THAT(Do(photo), IsOk());
  }

  testing::TempDir folder_;
  testing::ManualClock clock_;
  const std::filesystem::path path_ = folder_.path() / "pinhole.db";
  const std::filesystem::path copy_ = folder_.path() / "copy.db";
  std::unique_ptr<SqliteStore> store_;
};

TEST_F(CopyTest, HasAllAnsweredWritesAndIsASeparateDatabase) {
  const UserId ansel = Register("ansel");
  Publish(ansel, "one", 11);
  Publish(ansel, "two", 22);
  std::vector<std::pair<std::string, std::int64_t>> seen;

  const auto summary = store_->CopyTo(copy_, {}, [&](const CopiedPhoto& photo) {
    seen.emplace_back(photo.file_key, photo.size_bytes);
    return absl::OkStatus();
  });

  ASSERT_THAT(summary, IsOk());
  EXPECT_EQ(summary->users, 1);
  EXPECT_EQ(summary->photos, 2);
  EXPECT_THAT(seen,
              UnorderedElementsAre(std::pair("one", 11), std::pair("two", 22)));
  EXPECT_FALSE(std::filesystem::exists(copy_.string() + "-wal"));
  const auto copy = Open(copy_);
  EXPECT_EQ(copy->FindUser({}, "ansel")->photo_count, 2);
  EXPECT_EQ(copy->secret(), store_->secret());
}

// A copy by another connection would start over at every commit.
TEST_F(CopyTest, IncludesWritesBetweenItsStepsWithoutARestart) {
  const UserId ansel = Register("ansel");
  for (int i = 0; i < 200; ++i) Publish(ansel, fmt::format("key{}", i), 1);
  store_->Close();
  const auto db = Connection::OpenWriter(path_);
  db->ConfigureWriter();
  int steps = 0;
  {
    DatabaseCopy copy(*db, copy_);
    for (bool more = true; more; ++steps) {
      more = copy.Step(/*pages=*/8);
      // Changes a page that has been copied and one that has not.
      db->Execute(fmt::format("UPDATE users SET bio = 'step {}'; "
                              "UPDATE photos SET alt_text = 'step {}' "
                              "WHERE file_key IN ('key0', 'key199')",
                              steps, steps)
                      .c_str());
      ASSERT_LT(steps, 100);
    }
  }

  EXPECT_GT(steps, 5);
  ASSERT_THAT(SealCopy(copy_), IsOk());
  EXPECT_EQ(CheckCopy(copy_, {}, Ignore)->photos, 200);
  // The last write was after the last step.
  EXPECT_EQ(Open(copy_)->FindUser({}, "ansel")->bio,
            fmt::format("step {}", steps - 2));
}

TEST_F(CopyTest, WritesContinueDuringTheCopy) {
  const UserId ansel = Register("ansel");
  for (int i = 0; i < 1200; ++i) Publish(ansel, fmt::format("key{}", i), 1);
  std::atomic<int> answered = 0;
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    while (!stop) {
      ASSERT_THAT(
          Do(CreateUser{fmt::format("u{}", answered.load()), "", "hash", {}}),
          IsOk());
      ++answered;
    }
  });
  while (answered < 10) std::this_thread::yield();
  const int before = answered;

  const auto summary = store_->CopyTo(copy_, {}, Ignore);
  stop = true;
  writer.join();

  ASSERT_THAT(summary, IsOk());
  EXPECT_EQ(summary->photos, 1200);
  // One is ansel; one can be written but not answered.
  EXPECT_GE(summary->users, before + 1);
  EXPECT_LE(summary->users, answered + 2);
}

TEST_F(CopyTest, ErrorOfTheVisitorIsReturned) {
  Publish(Register("ansel"), "one", 11);

  EXPECT_THAT(store_->CopyTo(copy_, {},
                             [](const CopiedPhoto&) {
                               return absl::DataLossError("no file");
                             }),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("no file")));
}

TEST_F(CopyTest, CanBeCancelled) {
  std::stop_source stop;
  stop.request_stop();

  EXPECT_THAT(store_->CopyTo(copy_, stop.get_token(), Ignore),
              StatusIs(absl::StatusCode::kCancelled));
  EXPECT_THAT(store_->CopyTo(copy_, {}, Ignore), IsOk());
}

TEST_F(CopyTest, ClosedStoreRefuses) {
  store_->Close();

  EXPECT_THAT(store_->CopyTo(copy_, {}, Ignore),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(CopyTest, OnlyOneCopyAtATimeAndClosingEndsIt) {
  BackgroundCopy copies;
  absl::Status first;
  absl::Status second;
  copies.Request(copy_, {}, [&](absl::Status status) { first = status; });
  EXPECT_TRUE(copies.wanted());

  copies.Request(copy_, {}, [&](absl::Status status) { second = status; });
  EXPECT_THAT(second, StatusIs(absl::StatusCode::kFailedPrecondition));

  copies.Close(absl::UnavailableError("closing"));
  EXPECT_THAT(first, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_FALSE(copies.wanted());
}

TEST_F(CopyTest, MissingFolderFailsOnlyTheCopy) {
  EXPECT_THAT(store_->CopyTo(folder_.path() / "none" / "copy.db", {}, Ignore),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(Do(CreateUser{"ansel", "", "hash", {}}), IsOk());
}

TEST_F(CopyTest, DamageIsFound) {
  const UserId ansel = Register("ansel");
  for (int i = 0; i < 50; ++i) Publish(ansel, fmt::format("key{}", i), 1);
  ASSERT_THAT(store_->CopyTo(copy_, {}, Ignore), IsOk());
  const auto size = std::filesystem::file_size(copy_);

  std::fstream file(copy_, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(size / 2));
  file << std::string(4096, 'x');
  file.close();

  EXPECT_THAT(CheckDatabaseFile(copy_, Ignore),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(CopyTest, CheckRefusesForeignDatabases) {
  std::ofstream(copy_).close();
  EXPECT_THAT(CheckDatabaseFile(copy_, Ignore),
              StatusIs(absl::StatusCode::kDataLoss));

  std::ofstream(copy_) << std::string(5000, 'x');
  EXPECT_THAT(CheckDatabaseFile(copy_, Ignore),
              StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace pinhole::store
