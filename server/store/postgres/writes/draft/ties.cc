// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/writes/draft/ties.h"

namespace pinhole::postgres {

void Ties::Load(Pipeline& pipeline) {
  static const Statement kLoad(
      "SELECT w.one, w.other, "
      "(SELECT id FROM follows"
      " WHERE follower_id = w.one AND followee_id = w.other), "
      "(SELECT id FROM follows"
      " WHERE follower_id = w.other AND followee_id = w.one), "
      "(SELECT true FROM blocks"
      " WHERE user_id = w.one AND other_id = w.other) "
      "FROM unnest($1::bigint[], $2::bigint[]) AS w(one, other)");
  loaded_.reset();
  if (wanted_.empty()) return;
  std::vector<UserId> ones, others;
  for (const auto& [one, other] : wanted_) {
    ones.push_back(one);
    others.push_back(other);
  }
  wanted_.clear();
  loaded_ = pipeline.Add(kLoad, ones, others);
}

void Ties::Read(const std::vector<Result>& results) {
  if (!loaded_) return;
  for (const Row row : results[*loaded_]) {
    const UserId one{row.Int(0)};
    const UserId other{row.Int(1)};
    if (!row.IsNull(2)) follows_.Load({one, other}, row.Int(2));
    if (!row.IsNull(3)) follows_.Load({other, one}, row.Int(3));
    if (!row.IsNull(4)) LoadBlock(one, other);
  }
}

std::optional<std::int64_t> Ties::Follow(UserId follower,
                                         UserId followee) const {
  const std::int64_t* const id = follows_.Find({follower, followee});
  if (id == nullptr) return std::nullopt;
  return *id;
}

void Ties::Save(Pipeline& pipeline) const {
  static const Statement kDelete(
      "DELETE FROM follows f USING unnest($1::bigint[], $2::bigint[]) "
      "AS w(follower_id, followee_id) WHERE f.follower_id = w.follower_id "
      "AND f.followee_id = w.followee_id");
  static const Statement kInsert(
      "INSERT INTO follows (follower_id, followee_id, id) "
      "SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])");
  std::vector<UserId> followers, followees;
  follows_.ForEachDeleted([&](const Pair& pair, std::int64_t) {
    followers.push_back(pair.first);
    followees.push_back(pair.second);
  });
  if (!followers.empty()) pipeline.Add(kDelete, followers, followees);
  followers.clear();
  followees.clear();
  std::vector<std::int64_t> ids;
  follows_.ForEachInserted([&](const Pair& pair, std::int64_t id) {
    followers.push_back(pair.first);
    followees.push_back(pair.second);
    ids.push_back(id);
  });
  if (!ids.empty()) pipeline.Add(kInsert, followers, followees, ids);
}

}  // namespace pinhole::postgres
