// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <filesystem>
#include <string>

#include "tests/support/postgres_cluster.h"

namespace pinhole::bench {

// Likes by `pgbench -M prepared`: one statement and one commit for each, as an
// application without batches would send them over many connections.
class PgbenchLikes {
 public:
  // Writes its script into `folder`.  Users and photos have the ids from 1 on.
  PgbenchLikes(const testing::PostgresCluster& cluster, std::string database,
               const std::filesystem::path& folder, int users, int photos);

  // Likes per second over `clients` connections.
  double Run(int clients, int seconds) const;

 private:
  const testing::PostgresCluster& cluster_;
  const std::string database_;
  const std::filesystem::path script_;
};

}  // namespace pinhole::bench
