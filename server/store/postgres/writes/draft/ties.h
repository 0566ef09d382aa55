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

  void Load(Pipeline& pipeline);
  void Read(const std::vector<Result>& results);

  // What other statements loaded.  `blocking` is that of the row in `blocks`
  // from the side of `user`, if the two are separated.
  void LoadFollow(UserId follower, UserId followee, std::int64_t id) {
    follows_.Load({follower, followee}, id);
  }
  void LoadBlock(UserId user, UserId other, bool blocking) {
    blocks_[{user, other}] = blocking;
  }

  // The id of the follow; none if there is none.
  std::optional<std::int64_t> Follow(UserId follower, UserId followee) const;
  // Whether a block, by either side, separates the two.
  bool Separated(UserId user, UserId other) const {
    return blocks_.contains({user, other});
  }
  bool Blocks(UserId user, UserId other) const;

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
  std::map<Pair, bool> blocks_;
  std::size_t loaded_ = 0;  // Index of a result.
};

}  // namespace pinhole::postgres
