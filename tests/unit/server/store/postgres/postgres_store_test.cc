// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/postgres_store.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/blocking_reader.h"
#include "tests/support/manual_clock.h"
#include "tests/support/postgres_cluster.h"
#include "tests/support/status_matchers.h"

namespace pinhole {
namespace {

using ::pinhole::testing::BlockingReader;
using ::pinhole::testing::IsOk;
using ::pinhole::testing::ManualClock;
using ::pinhole::testing::PostgresCluster;
using ::pinhole::testing::StatusIs;
using ::pinhole::testing::TestDatabase;

absl::StatusOr<CommandResult> Do(Store& store, Command command) {
  absl::StatusOr<CommandResult> result;
  absl::Notification done;
  store.Submit(std::move(command), {}, [&](absl::StatusOr<CommandResult> r) {
    result = std::move(r);
    done.Notify();
  });
  done.WaitForNotification();
  return result;
}

class PostgresStoreTest : public ::testing::Test {
 protected:
  PostgresOptions Options(const std::string& uri) {
    PostgresOptions options;
    options.uri = uri;
    options.clock = &clock_;
    return options;
  }
  std::unique_ptr<PostgresStore> Open(const std::string& uri) {
    auto store = OpenPostgresStore(Options(uri));
    EXPECT_THAT(store, IsOk());
    return *std::move(store);
  }
  static absl::StatusOr<CommandResult> Register(Store& store,
                                                const std::string& handle) {
    return Do(store, CreateUser{handle, "Name", "hash", {}});
  }

  static void WaitUntilReady(const PostgresStore& store) {
    while (!store.Health().ready()) absl::SleepFor(absl::Milliseconds(1));
  }
  // Reads and writes are refused at once, with the advice to retry.
  static void ExpectRefusals(PostgresStore& store) {
    for (const absl::Status& refused :
         {Register(store, "refused").status(),
          BlockingReader(store).LatestPhoto().status()}) {
      EXPECT_THAT(refused, StatusIs(absl::StatusCode::kUnavailable));
      EXPECT_EQ(ReasonOf(refused), Reason::kStorageUnavailable);
      EXPECT_TRUE(RetryDelayOf(refused));
    }
  }

  ManualClock clock_;
  TestDatabase database_;
};

TEST_F(PostgresStoreTest, SharesItsDataAndSecretWithOtherStores) {
  const auto one = Open(database_.uri());
  const auto two = Open(database_.uri());
  ASSERT_THAT(Register(*one, "ada"), IsOk());
  EXPECT_THAT(BlockingReader(*two).FindUser(UserId{}, "ada"), IsOk());
  EXPECT_EQ(one->secret(), two->secret());
  EXPECT_EQ(one->secret().size(), 32);
}

TEST_F(PostgresStoreTest, UsesElevenConnections) {
  const auto store = Open(database_.uri());
  ASSERT_THAT(Register(*store, "ada"), IsOk());
  ASSERT_THAT(Do(*store, PurgeExpired{}), IsOk());
  for (int i = 0; i < 50; ++i) {
    EXPECT_THAT(BlockingReader(*store).FindUser(UserId{}, "ada"), IsOk());
  }
  auto db = postgres::Connection::Open(
      {.uri = database_.uri(), .kind = postgres::ConnectionKind::kMonitor});
  ASSERT_THAT(db, IsOk());
  const auto count = (*db)->QueryOnce(
      "SELECT count(*) FROM pg_stat_activity WHERE datname = "
      "current_database() AND pid <> pg_backend_pid()");
  ASSERT_THAT(count, IsOk());
  EXPECT_LE((*count)[0].Int(0), 11);
}

TEST_F(PostgresStoreTest, NamesItsConnectionsAfterItsNode) {
  PostgresOptions options = Options(database_.uri());
  options.readers = 1;
  const auto store = OpenPostgresStore(options).value();
  ASSERT_THAT(Register(*store, "ada"), IsOk());
  auto db = postgres::Connection::Open(
      {.uri = database_.uri(), .kind = postgres::ConnectionKind::kMonitor});
  ASSERT_THAT(db, IsOk());
  // A connection gets its name with its next statement.
  std::string names;
  while (names != "pinhole/0 pinhole/0 pinhole/0 pinhole/1") {
    EXPECT_THAT(BlockingReader(*store).FindUser(UserId{}, "ada"), IsOk());
    const auto named = (*db)->QueryOnce(
        "SELECT coalesce(string_agg(application_name, ' ' ORDER BY "
        "application_name), '') FROM pg_stat_activity WHERE datname = "
        "current_database() AND pid <> pg_backend_pid()");
    ASSERT_THAT(named, IsOk());
    names = (*named)[0].Text(0);
  }
}

TEST_F(PostgresStoreTest, OneStoreIsNotifiedOfPhotosOfAnother) {
  absl::Notification connected;
  absl::Notification notified;
  int calls = 0;
  PostgresOptions options = Options(database_.uri());
  options.on_photo_published = [&] {
    ++calls;
    if (calls == 1) connected.Notify();
    if (calls == 2) notified.Notify();
  };
  auto reader = OpenPostgresStore(options);
  ASSERT_THAT(reader, IsOk());
  connected.WaitForNotification();
  const auto writer = Open(database_.uri());
  const auto owner = Register(*writer, "ada");
  ASSERT_THAT(owner, IsOk());
  ASSERT_THAT(Do(*writer, RecordUpload{"key"}), IsOk());
  ASSERT_THAT(Do(*writer, AddPhoto{std::get<User>(*owner).id,
                                   "key",
                                   "caption",
                                   "alt",
                                   Visibility::kPublic,
                                   640,
                                   480,
                                   12345,
                                   "image/jpeg",
                                   {}}),
              IsOk());
  notified.WaitForNotification();
  (*reader)->Close();
}

TEST_F(PostgresStoreTest, OpensWhileTheDatabaseIsUnreachable) {
  PostgresCluster cluster;
  cluster.Crash();
  const auto store = Open(cluster.Uri("postgres"));
  EXPECT_EQ(store->Health().state, postgres::Health::State::kUnreachable);
  EXPECT_FALSE(store->opened());
  EXPECT_FALSE(store->Stats().writable);
  ExpectRefusals(*store);
  cluster.Start();
  WaitUntilReady(*store);
  EXPECT_TRUE(store->opened());
  EXPECT_EQ(store->secret().size(), 32);
  EXPECT_THAT(BlockingReader(*store).LatestPhoto(), IsOk());
  EXPECT_THAT(Register(*store, "ada"), IsOk());
}

TEST_F(PostgresStoreTest, DoesNotWaitForASlowFirstAttempt) {
  PostgresOptions options = Options(database_.uri());
  options.first_attempt = absl::ZeroDuration();
  const auto store = OpenPostgresStore(options).value();
  WaitUntilReady(*store);
  EXPECT_THAT(Register(*store, "ada"), IsOk());
}

TEST_F(PostgresStoreTest, OpensOnceTheTablesHaveASupportedVersion) {
  Open(database_.uri());
  database_.Run("UPDATE schema SET version = 998, min_server = 997");
  const auto store = Open(database_.uri());
  EXPECT_EQ(store->Health().state, postgres::Health::State::kUnsupported);
  EXPECT_THAT(store->Health().detail,
              ::testing::HasSubstr("newer version of Pinhole"));
  ExpectRefusals(*store);
  database_.Run("UPDATE schema SET version = 1, min_server = 1");
  WaitUntilReady(*store);
  EXPECT_THAT(Register(*store, "ada"), IsOk());
}

TEST_F(PostgresStoreTest, RefusesEverythingWhileTheTablesAreTooNew) {
  const auto store = Open(database_.uri());
  ASSERT_THAT(Register(*store, "ada"), IsOk());
  database_.Run("UPDATE schema SET version = 998, min_server = 997");
  while (store->Health().ready()) absl::SleepFor(absl::Milliseconds(1));
  ExpectRefusals(*store);
  database_.Run("UPDATE schema SET version = 1, min_server = 1");
  WaitUntilReady(*store);
  EXPECT_THAT(BlockingReader(*store).FindUser(UserId{}, "ada"), IsOk());
  EXPECT_THAT(Register(*store, "eve"), IsOk());
}

TEST_F(PostgresStoreTest, RefusesAnInvalidUri) {
  EXPECT_THAT(OpenPostgresStore(Options("postgres://[")),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(PostgresStoreTest, WritesCanRequireASynchronousStandby) {
  PostgresOptions options = Options(database_.uri());
  options.require_synchronous_standby = true;
  auto store = OpenPostgresStore(options);
  ASSERT_THAT(store, IsOk());
  EXPECT_THAT(Register(**store, "ada"),
              StatusIs(absl::StatusCode::kUnavailable,
                       ::testing::HasSubstr("synchronous standby")));
  EXPECT_THAT(BlockingReader(**store).LatestPhoto(), IsOk());
}

TEST_F(PostgresStoreTest, CloseEndsEverything) {
  const auto store = Open(database_.uri());
  ASSERT_THAT(Register(*store, "ada"), IsOk());
  store->Close();
  EXPECT_THAT(Register(*store, "eve"),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(BlockingReader(*store).LatestPhoto(),
              StatusIs(absl::StatusCode::kUnavailable));
  auto db = postgres::Connection::Open(
      {.uri = database_.uri(), .kind = postgres::ConnectionKind::kMonitor});
  ASSERT_THAT(db, IsOk());
  // PostgreSQL notices the end of connections a moment later.
  for (std::int64_t left = 1; left > 0;) {
    const auto count = (*db)->QueryOnce(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = "
        "current_database() AND pid <> pg_backend_pid()");
    ASSERT_THAT(count, IsOk());
    left = (*count)[0].Int(0);
  }
}

}  // namespace
}  // namespace pinhole
