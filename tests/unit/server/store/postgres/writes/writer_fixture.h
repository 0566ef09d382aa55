// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/synchronization/notification.h"
#include "base/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/postgres/db/connection.h"
#include "server/store/postgres/postgres_writer.h"
#include "server/store/postgres/reads/postgres_reader.h"
#include "server/store/postgres/schema/schema.h"
#include "server/store/postgres/writes/batch/run_batch.h"
#include "tests/support/postgres_cluster.h"
#include "tests/support/status_matchers.h"

namespace pinhole::postgres {

// Runs one command and waits for its answer.
template <typename C>
absl::StatusOr<typename C::Result> Do(PostgresWriter& writer, C command,
                                      WriteOptions options = {}) {
  absl::Notification answered;
  absl::StatusOr<CommandResult> result;
  writer.Submit(std::move(command), options,
                [&](absl::StatusOr<CommandResult> r) {
                  result = std::move(r);
                  answered.Notify();
                });
  answered.WaitForNotification();
  if (!result.ok()) return std::move(result).status();
  return std::get<typename C::Result>(*std::move(result));
}

inline std::unique_ptr<Connection> OpenConnection(const std::string& uri,
                                                  ConnectionKind kind) {
  return Connection::Open({.uri = uri, .kind = kind}).value();
}

// A database with Pinhole's tables.
class WriterTest : public ::testing::Test {
 protected:
  using Results = std::vector<absl::StatusOr<CommandResult>>;

  WriterTest() {
    const absl::Status migrated =
        Migrate(*OpenConnection(uri(), ConnectionKind::kUpgrade));
    EXPECT_TRUE(migrated.ok()) << migrated;
    lane_ = std::make_unique<Lane>(
        Lane::Options{.uri = uri(), .instance = "test", .clock = &clock_});
    db_ = OpenConnection(uri(), ConnectionKind::kWriter);
  }

  std::string uri() const { return database_.uri(); }

  // Runs commands in one batch, on a lane of their own.
  template <typename... Commands>
  Results RunTogether(Commands... commands) {
    return RunAll({Command(std::move(commands))...});
  }
  Results RunAll(std::vector<Command> commands) {
    return RunAll(*lane_, std::move(commands));
  }
  static Results RunAll(Lane& lane, std::vector<Command> commands) {
    Results results(commands.size());
    std::vector<std::shared_ptr<Attempt>> attempts;
    for (std::size_t i = 0; i < commands.size(); ++i) {
      attempts.push_back(std::make_shared<Attempt>(store::PendingWrite{
          std::move(commands[i]), {}, [&results, i](auto result) {
            results[i] = std::move(result);
          }}));
    }
    RunBatch(lane, attempts);
    return results;
  }
  template <typename C>
  absl::StatusOr<typename C::Result> Try(C command) {
    absl::StatusOr<CommandResult> result =
        std::move(RunTogether(std::move(command))[0]);
    if (!result.ok()) return std::move(result).status();
    return std::get<typename C::Result>(*std::move(result));
  }
  template <typename T>
  static T As(const absl::StatusOr<CommandResult>& result) {
    return std::get<T>(result.value());
  }

  UserId Register(const std::string& handle) {
    return Try(CreateUser{handle, "Name of " + handle, "hash", {}}).value().id;
  }
  // The upload is recorded.
  AddPhoto NewPhoto(UserId owner, Visibility visibility = Visibility::kPublic) {
    const std::string key = "key" + std::to_string(++files_);
    database_.Run("INSERT INTO uploads VALUES ('" + key + "', 0)");
    return AddPhoto{owner, key, "caption", "alt",        visibility,
                    640,   480, 12345,     "image/jpeg", {}};
  }
  PhotoId Publish(UserId owner, Visibility visibility = Visibility::kPublic) {
    return Try(NewPhoto(owner, visibility)).value().id;
  }
  // Without the effects of BlockUser on other rows.
  void Block(UserId user, UserId other) {
    database_.Run(absl::StrCat("INSERT INTO blocks VALUES (", user.value, ", ",
                               other.value, ", true, 1), (", other.value, ", ",
                               user.value, ", false, 1)"));
  }

  // The value of an SQL expression, which counts something.
  std::int64_t Count(const std::string& sql) {
    return db_->QueryOnce("SELECT (" + sql + ")::bigint").value()[0].Int(0);
  }

  PostgresReader reader() { return PostgresReader(*db_, clock_); }

  SystemClock clock_;
  const testing::TestDatabase database_;
  std::unique_ptr<Lane> lane_;
  std::unique_ptr<Connection> db_;

 private:
  int files_ = 0;
};

}  // namespace pinhole::postgres
