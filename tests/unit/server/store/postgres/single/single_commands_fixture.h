// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/errors.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/manual_clock.h"
#include "tests/support/postgres_checks.h"
#include "tests/support/postgres_cluster.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/server/store/postgres/migrated_database.h"
#include "tests/unit/server/store/postgres/single/test_writer.h"

namespace pinhole::postgres {

// Runs single commands on a database of its own.
class SingleCommandsTest : public ::testing::Test {
 protected:
  void TearDown() override {
    writer_.Stop();
    EXPECT_THAT(testing::FindPostgresMistakes(database_.uri()),
                ::testing::IsEmpty());
  }

  template <typename C>
  auto Try(C command) {
    return writer_.Do(std::move(command));
  }
  template <typename C>
  typename C::Result Do(C command) {
    auto result = Try(std::move(command));
    EXPECT_THAT(result, testing::IsOk());
    return *std::move(result);
  }
  template <typename C>
  std::optional<Reason> ReasonOfTrying(C command) {
    return ReasonOf(Try(std::move(command)).status());
  }

  UserId Register(const std::string& handle) {
    return Do(CreateUser{handle, "Name", "hash", {}}).id;
  }
  UserId RegisterAdministrator(const std::string& handle) {
    const UserId user = Register(handle);
    Do(SetAdministrator{user, true});
    return user;
  }
  PhotoId Publish(UserId owner, std::string file_key,
                  Visibility visibility = Visibility::kPublic) {
    Do(RecordUpload{file_key});
    return Do(AddPhoto{.owner = owner,
                       .file_key = std::move(file_key),
                       .caption = "caption",
                       .alt_text = "alt",
                       .visibility = visibility,
                       .width = 1,
                       .height = 1,
                       .size_bytes = 1,
                       .content_type = "image/png",
                       .request = {},
                       .rendition_version = 3})
        .id;
  }
  SessionId SignIn(UserId user, const std::string& token,
                   absl::Duration end = absl::Hours(1)) {
    return Do(CreateSession{user, token, clock_.Now() + end, "hash", {}}).id;
  }
  CommentId Remark(UserId author, PhotoId photo) {
    return Do(CreateComment{author, photo, "text", {}}).id;
  }

  // The values of a column of integers or texts.
  std::vector<std::string> Read(const std::string& query) {
    const auto result =
        testing::OpenConnection(database_.uri(), ConnectionKind::kReader)
            ->QueryOnce(
                fmt::format("SELECT value::text FROM ({}) q (value)", query));
    EXPECT_THAT(result, testing::IsOk());
    std::vector<std::string> values;
    for (const Row row : *result) values.push_back(row.Text(0));
    return values;
  }

  // Does what the first transaction of DeleteUser does.
  void Hide(UserId user) {
    database_.Run(fmt::format(
        "BEGIN;"
        "INSERT INTO deletions (user_id, create_time) VALUES ({0}, {1});"
        "DELETE FROM sessions WHERE user_id = {0};"
        "UPDATE handles SET user_id = 0, delete_time = {1} "
        "WHERE user_id = {0};"
        "DELETE FROM users WHERE id = {0};"
        "COMMIT",
        user.value, absl::ToUnixMicros(clock_.Now())));
  }

  testing::ManualClock clock_;
  testing::TestDatabase database_{testing::MigratedTemplate()};
  testing::TestWriter writer_{database_.uri(), clock_};
};

}  // namespace pinhole::postgres
