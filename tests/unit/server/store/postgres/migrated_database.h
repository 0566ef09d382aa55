// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "server/store/postgres/db/connection.h"
#include "server/store/postgres/schema/schema.h"
#include "tests/support/postgres_cluster.h"
#include "tests/support/status_matchers.h"

namespace pinhole::testing {

inline std::unique_ptr<postgres::Connection> OpenConnection(
    const std::string& uri, postgres::ConnectionKind kind) {
  auto connection = postgres::Connection::Open({.uri = uri, .kind = kind});
  EXPECT_THAT(connection, IsOk());
  return *std::move(connection);
}

// The name of a database with empty tables, to be copied.
inline const std::string& MigratedTemplate() {
  static const std::string name = [] {
    PostgresCluster& cluster = PostgresCluster::Shared();
    std::string created = cluster.CreateDatabase();
    const auto db = OpenConnection(cluster.Uri(created),
                                   postgres::ConnectionKind::kUpgrade);
    EXPECT_THAT(postgres::Migrate(*db), IsOk());
    return created;
  }();
  return name;
}

}  // namespace pinhole::testing
