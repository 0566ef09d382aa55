// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "server/model/ids.h"
#include "server/store/postgres/db/pipeline.h"
#include "server/store/postgres/writes/draft/changed_rows.h"

namespace pinhole::postgres {

// The follows and blocks between the users of a batch.  Batches change follows
// only; blocks stay as they are while the users are locked.
class Ties {
 public:
  using Pair = std::pair<UserId, UserId>;

  // Loads follows and blocks in both directions.
  void Want(UserId one, UserId other) { wanted_.insert({one, other}); }

  // Can be called again when more is wanted, before anything is changed.
  void Load(Pipeline& pipeline);
  void Read(const std::vector<Result>& results);
  // What another statement loaded: a block, by either side.
  void LoadBlock(UserId one, UserId other) {
    separated_.insert({one, other});
    separated_.insert({other, one});
  }

  // The id of the follow; none if there is none.
  std::optional<std::int64_t> Follow(UserId follower, UserId followee) const;
  // Whether a block, by either side, separates the two.
  bool Separated(UserId user, UserId other) const {
    return separated_.contains({user, other});
  }
  void AddFollow(UserId follower, UserId followee, std::int64_t id) {
    follows_.Put({follower, followee}, id);
  }
  void RemoveFollow(UserId follower, UserId followee) {
    follows_.Erase({follower, followee});
  }

  void Save(Pipeline& pipeline) const;

 private:
  std::set<Pair> wanted_;
  ChangedRows<Pair, std::int64_t> follows_;  // By follower and followee.
  std::set<Pair> separated_;                 // In both orders.
  std::optional<std::size_t> loaded_;        // Index of a result.
};

}  // namespace pinhole::postgres
