// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/writes/draft/likes.h"

namespace pinhole::postgres {

void Likes::Load(Pipeline& pipeline) {
  static const Statement kLoad(
      "SELECT w.actor, w.photo, o.owner_id, "
      "(SELECT id FROM likes WHERE user_id = w.actor"
      " AND owner_id = o.owner_id AND photo_id = w.photo), "
      "(SELECT true FROM blocks WHERE user_id = w.actor LIMIT 1), "
      "(SELECT true FROM deletions WHERE user_id = o.owner_id) "
      "FROM unnest($1::bigint[], $2::bigint[]) AS w(actor, photo) "
      "CROSS JOIN photo_owners o WHERE o.photo_id = w.photo");
  if (wanted_.empty()) return;
  std::vector<UserId> actors;
  std::vector<PhotoId> photos;
  for (const auto& [photo, actor] : wanted_) {
    actors.push_back(actor);
    photos.push_back(photo);
  }
  loaded_ = pipeline.Add(kLoad, actors, photos);
}

void Likes::Read(const std::vector<Result>& results, Photos& photos,
                 Ties& ties) {
  if (wanted_.empty()) return;
  for (const pinhole::postgres::Row row : results[loaded_]) {
    const UserId actor{row.Int(0)};
    const PhotoId photo{row.Int(1)};
    const UserId owner{row.Int(2)};
    if (!row.IsNull(3)) rows_.Load({photo, actor}, Row{owner, row.Int(3)});
    const bool has_blocks = !row.IsNull(4);
    if (has_blocks) blocks_.insert({{photo, actor}, 0});
    // The photos of a deleted user are deleted after the user.
    if (!row.IsNull(5)) photos.Hide(photo);
    const Photos::Row* const stored = photos.Find(photo);
    const bool for_followers =
        stored != nullptr && stored->visibility == Visibility::kFollowers;
    if (actor != owner && (has_blocks || for_followers)) {
      ties.Want(actor, owner);
    }
  }
}

void Likes::LoadBlocks(Pipeline& pipeline) {
  if (blocks_.empty()) return;
  LoadSeparated(pipeline);
  LoadBlocksBetweenActors(pipeline);
}

void Likes::ReadBlocks(const std::vector<Result>& results, Ties& ties) {
  if (blocks_.empty()) return;
  for (const pinhole::postgres::Row row : results[separated_]) {
    blocks_[{PhotoId{row.Int(1)}, UserId{row.Int(0)}}] =
        static_cast<std::int32_t>(row.Int(2));
  }
  if (!between_) return;
  for (const pinhole::postgres::Row row : results[*between_]) {
    ties.LoadBlock(UserId{row.Int(0)}, UserId{row.Int(1)});
  }
}

void Likes::LoadSeparated(Pipeline& pipeline) {
  // Costs a probe for each like or for each block of the actor, whichever are
  // fewer.
  static const Statement kCount(
      "SELECT w.actor, w.photo, CASE WHEN viewer.blocks > p.like_count THEN "
      "(SELECT count(*) FROM likes t"
      " WHERE t.owner_id = p.owner_id AND t.photo_id = p.id AND t.id > 0"
      " AND (SELECT true FROM blocks"
      " WHERE user_id = w.actor AND other_id = t.user_id) IS NOT NULL"
      " AND (SELECT blocking FROM blocks"
      " WHERE user_id = p.owner_id AND other_id = t.user_id) IS NOT TRUE) "
      "ELSE (SELECT count(t.id) FROM blocks b CROSS JOIN LATERAL "
      "(SELECT id FROM likes WHERE user_id = b.other_id"
      " AND owner_id = p.owner_id AND photo_id = p.id OFFSET 0) t "
      "WHERE b.user_id = w.actor"
      " AND (SELECT blocking FROM blocks"
      " WHERE user_id = p.owner_id AND other_id = b.other_id) IS NOT TRUE) "
      "END "
      "FROM unnest($1::bigint[], $2::bigint[]) AS w(actor, photo) "
      "CROSS JOIN photo_owners o CROSS JOIN photos p CROSS JOIN LATERAL "
      "(SELECT count(*) AS blocks FROM blocks WHERE user_id = w.actor) viewer "
      "WHERE o.photo_id = w.photo AND p.owner_id = o.owner_id "
      "AND p.id = o.photo_id AND p.owner_id <> w.actor");
  std::vector<UserId> viewers;
  std::vector<PhotoId> photos;
  for (const auto& [key, separated] : blocks_) {
    viewers.push_back(key.second);
    photos.push_back(key.first);
  }
  separated_ = pipeline.Add(kCount, viewers, photos);
}

void Likes::LoadBlocksBetweenActors(Pipeline& pipeline) {
  static const Statement kLoad(
      "SELECT b.user_id, b.other_id "
      "FROM unnest($1::bigint[], $2::bigint[]) AS w(viewer, other) "
      "CROSS JOIN blocks b "
      "WHERE b.user_id = w.viewer AND b.other_id = w.other");
  std::vector<UserId> viewers, others;
  for (const auto& [key, separated] : blocks_) {
    for (auto it = wanted_.lower_bound({key.first, UserId{}});
         it != wanted_.end() && it->first == key.first; ++it) {
      if (it->second == key.second) continue;
      viewers.push_back(key.second);
      others.push_back(it->second);
    }
  }
  if (!viewers.empty()) between_ = pipeline.Add(kLoad, viewers, others);
}

std::optional<std::int64_t> Likes::Find(UserId user, PhotoId photo) const {
  const Row* const row = rows_.Find({photo, user});
  if (row == nullptr) return std::nullopt;
  return row->id;
}

std::int32_t Likes::Count(UserId viewer, PhotoId photo, const Photos::Row& row,
                          const Ties& ties) const {
  const auto blocks = blocks_.find({photo, viewer});
  const bool has_blocks = blocks != blocks_.end() && viewer != row.owner;
  std::int32_t count = row.like_count;
  if (viewer != row.owner) count -= row.hidden_like_count;
  if (has_blocks) count -= blocks->second;
  const auto changes = changes_.find(photo);
  if (changes == changes_.end()) return count;
  // Users whom the owner blocks do not see the photo, so they change nothing.
  for (const auto& [user, change] : changes->second) {
    if (!has_blocks || !ties.Separated(viewer, user)) count += change;
  }
  return count;
}

void Likes::Add(UserId user, PhotoId photo, UserId owner, std::int64_t id) {
  rows_.Put({photo, user}, Row{owner, id});
  changes_[photo].push_back({user, +1});
}

void Likes::Remove(UserId user, PhotoId photo) {
  rows_.Erase({photo, user});
  changes_[photo].push_back({user, -1});
}

void Likes::Save(Pipeline& pipeline, absl::Time now) const {
  static const Statement kDelete(
      "DELETE FROM likes l "
      "USING unnest($1::bigint[], $2::bigint[], $3::bigint[]) "
      "AS w(user_id, owner_id, photo_id) WHERE l.user_id = w.user_id "
      "AND l.owner_id = w.owner_id AND l.photo_id = w.photo_id");
  static const Statement kInsert(
      "INSERT INTO likes (user_id, owner_id, photo_id, id, create_time) "
      "SELECT user_id, owner_id, photo_id, id, $5 "
      "FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) "
      "AS w(user_id, owner_id, photo_id, id)");
  std::vector<UserId> users, owners;
  std::vector<PhotoId> photos;
  const auto add = [&](const Key& key, const Row& row) {
    users.push_back(key.second);
    owners.push_back(row.owner);
    photos.push_back(key.first);
  };
  rows_.ForEachDeleted(add);
  if (!users.empty()) pipeline.Add(kDelete, users, owners, photos);
  users.clear();
  owners.clear();
  photos.clear();
  std::vector<std::int64_t> ids;
  rows_.ForEachInserted([&](const Key& key, const Row& row) {
    add(key, row);
    ids.push_back(row.id);
  });
  if (!ids.empty()) pipeline.Add(kInsert, users, owners, photos, ids, now);
}

}  // namespace pinhole::postgres
