// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/writes/draft/users.h"

namespace pinhole::postgres {

void Users::Lock(Pipeline& pipeline) {
  static const Statement kLock(
      "SELECT id, handle, display_name, password_hash, administrator, "
      "following_count FROM users WHERE id = ANY($1::bigint[]) "
      "ORDER BY id FOR NO KEY UPDATE");
  static const Statement kLockWithOwners(
      "SELECT id, handle, display_name, password_hash, administrator, "
      "following_count FROM users WHERE id = ANY(ARRAY("
      "SELECT unnest($1::bigint[]) UNION "
      "SELECT owner_id FROM photo_owners WHERE photo_id = ANY($2::bigint[]))) "
      "ORDER BY id FOR NO KEY UPDATE");
  const std::vector<UserId> users(wanted_.begin(), wanted_.end());
  const std::vector<PhotoId> photos(owned_.begin(), owned_.end());
  locked_ = photos.empty() ? pipeline.Add(kLock, users)
                           : pipeline.Add(kLockWithOwners, users, photos);
}

void Users::Read(const std::vector<Result>& results) {
  for (const pinhole::postgres::Row row : results[locked_]) {
    rows_[UserId{row.Int(0)}] = Row{.handle = row.Text(1),
                                    .display_name = row.Text(2),
                                    .password_hash = row.Text(3),
                                    .administrator = row.Bool(4),
                                    .following_count = row.Int32(5)};
  }
}

const Users::Row* Users::Find(UserId user) const {
  const auto found = rows_.find(user);
  return found == rows_.end() ? nullptr : &found->second;
}

void Users::CountFollow(UserId follower, UserId followee, int change) {
  rows_.at(follower).following_count += change;
  changes_[follower].following += change;
  changes_[followee].followers += change;
}

void Users::CountPhoto(UserId owner, Visibility visibility) {
  ++changes_[owner].photos[static_cast<std::size_t>(visibility) - 1];
}

void Users::Save(Pipeline& pipeline, absl::Time now) const {
  static const Statement kInsert(
      "INSERT INTO users "
      "(id, handle, display_name, password_hash, create_time) "
      "SELECT id, handle, display_name, password_hash, $5 "
      "FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) "
      "AS w(id, handle, display_name, password_hash)");
  SaveCounts(pipeline);
  if (added_.empty()) return;
  std::vector<UserId> ids;
  std::vector<std::string_view> handles, names, hashes;
  for (const auto& [user, password_hash] : added_) {
    ids.push_back(user.id);
    handles.push_back(user.handle);
    names.push_back(user.display_name);
    hashes.push_back(password_hash);
  }
  pipeline.Add(kInsert, ids, handles, names, hashes, now);
}

void Users::SaveCounts(Pipeline& pipeline) const {
  static const Statement kCount(
      "UPDATE users u SET follower_count = u.follower_count + w.followers, "
      "following_count = u.following_count + w.following, "
      "public_photo_count = u.public_photo_count + w.public, "
      "followers_photo_count = u.followers_photo_count + w.restricted, "
      "private_photo_count = u.private_photo_count + w.private "
      "FROM unnest($1::bigint[], $2::integer[], $3::integer[], $4::integer[], "
      "$5::integer[], $6::integer[]) "
      "AS w(id, followers, following, public, restricted, private) "
      "WHERE u.id = w.id");
  if (changes_.empty()) return;
  std::vector<UserId> ids;
  std::vector<std::int32_t> followers, following;
  std::array<std::vector<std::int32_t>, 3> photos;
  for (const auto& [id, change] : changes_) {
    ids.push_back(id);
    followers.push_back(change.followers);
    following.push_back(change.following);
    for (std::size_t i = 0; i < photos.size(); ++i) {
      photos[i].push_back(change.photos[i]);
    }
  }
  pipeline.Add(kCount, ids, followers, following, photos[0], photos[1],
               photos[2]);
}

}  // namespace pinhole::postgres
