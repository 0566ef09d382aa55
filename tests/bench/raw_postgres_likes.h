// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "server/store/commands.h"
#include "server/store/postgres/db/connection.h"
#include "server/store/queue/id_sequence.h"

namespace pinhole::bench {

// The bound of durable likes on PostgreSQL: one statement for a batch, which
// locks the photos in the order of their ids, checks whether they are visible,
// and writes rows, counts and notifications.  It does without the locks on
// users that keep likes and blocks apart, without the answer that each caller
// gets, and without unknown outcomes.
class RawPostgresLikes {
 public:
  explicit RawPostgresLikes(const std::string& uri);

  void Like(const std::vector<LikePhoto>& likes);

 private:
  std::unique_ptr<postgres::Connection> db_;
  store::IdSequence ids_{0, store::IdSequence::kNodes - 1};
};

}  // namespace pinhole::bench
