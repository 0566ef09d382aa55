// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/pgbench_likes.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <utility>

#include "fmt/format.h"

namespace pinhole::bench {
namespace {

// As RawPostgresLikes, for one like.
constexpr const char* kScript = R"(
\set user random(1, {users})
\set photo random(1, {photos})
\set id random(1, 9000000000000000000)
WITH locked AS MATERIALIZED (
  SELECT p.owner_id, p.id, p.visibility FROM photo_owners o
  JOIN photos p ON p.owner_id = o.owner_id AND p.id = o.photo_id
  WHERE o.photo_id = :photo FOR NO KEY UPDATE OF p
), liked AS (
  INSERT INTO likes (owner_id, photo_id, user_id, id, create_time)
  SELECT p.owner_id, p.id, :user, :id, 0 FROM locked p
  WHERE (p.visibility = 1 OR EXISTS (SELECT 1 FROM follows
    WHERE follower_id = :user AND followee_id = p.owner_id))
  AND NOT EXISTS (SELECT 1 FROM blocks
    WHERE user_id = :user AND other_id = p.owner_id)
  ON CONFLICT DO NOTHING RETURNING owner_id, photo_id, user_id, id
), counted AS (
  UPDATE photos p SET like_count = like_count + 1 FROM liked l
  WHERE p.owner_id = l.owner_id AND p.id = l.photo_id
)
INSERT INTO notifications
  (user_id, id, kind, actor_id, photo_id, create_time)
SELECT owner_id, id, 2, user_id, photo_id, 0 FROM liked
WHERE owner_id <> user_id;
)";

}  // namespace

PgbenchLikes::PgbenchLikes(const testing::PostgresCluster& cluster,
                           std::string database,
                           const std::filesystem::path& folder, int users,
                           int photos)
    : cluster_(cluster),
      database_(std::move(database)),
      script_(folder / "like.sql") {
  std::ofstream(script_) << fmt::format(kScript, fmt::arg("users", users),
                                        fmt::arg("photos", photos));
}

double PgbenchLikes::Run(int clients, int seconds) const {
  const std::string command = fmt::format(
      "{}/pgbench -n -M prepared -f {} -c {} -j 2 -T {} -h {} -U postgres {} "
      "2>/dev/null",
      cluster_.programs().string(), script_.string(), clients, seconds,
      cluster_.folder().string(), database_);
  FILE* const output = popen(command.c_str(), "r");
  if (output == nullptr) std::abort();
  double rate = 0;
  char line[256];
  while (std::fgets(line, sizeof(line), output) != nullptr) {
    (void)std::sscanf(line, "tps = %lf", &rate);
  }
  if (pclose(output) != 0 || rate == 0) std::abort();
  return rate;
}

}  // namespace pinhole::bench
