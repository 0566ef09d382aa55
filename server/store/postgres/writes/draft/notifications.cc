// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/writes/draft/notifications.h"

#include <algorithm>
#include <limits>

namespace pinhole::postgres {

void Notifications::Add(UserId user, std::int64_t cause,
                        Notification::Kind kind, UserId actor, PhotoId photo) {
  if (user != actor) added_[{user, cause}] = Row{kind, actor, photo};
}

void Notifications::Remove(UserId user, std::int64_t cause) {
  if (added_.erase({user, cause}) == 0) removed_.push_back({user, cause});
}

void Notifications::MarkRead(UserId user, NotificationId last) {
  const std::int64_t end =
      last ? last.value : std::numeric_limits<std::int64_t>::max();
  std::int64_t& stored = read_[user];
  stored = std::max(stored, end);
  for (auto row = added_.lower_bound({user, 0});
       row != added_.end() && row->first.first == user &&
       row->first.second <= end;
       ++row) {
    row->second.read = true;
  }
}

void Notifications::Save(Pipeline& pipeline, absl::Time now) const {
  static const Statement kMark(
      "UPDATE notifications n SET read = true "
      "FROM unnest($1::bigint[], $2::bigint[]) AS w(user_id, last) "
      "WHERE n.user_id = w.user_id AND n.id <= w.last AND NOT n.read");
  static const Statement kDelete(
      "DELETE FROM notifications n USING unnest($1::bigint[], $2::bigint[]) "
      "AS w(user_id, id) WHERE n.user_id = w.user_id AND n.id = w.id");
  static const Statement kInsert(
      "INSERT INTO notifications "
      "(user_id, id, kind, actor_id, photo_id, create_time, read) "
      "SELECT user_id, id, kind, actor_id, photo_id, $7, read "
      "FROM unnest($1::bigint[], $2::bigint[], $3::integer[], $4::bigint[], "
      "$5::bigint[], $6::boolean[]) "
      "AS w(user_id, id, kind, actor_id, photo_id, read)");
  std::vector<UserId> users, actors;
  std::vector<std::int64_t> ids;
  // Before the new rows, which know whether they have been read.
  for (const auto& [user, last] : read_) {
    users.push_back(user);
    ids.push_back(last);
  }
  if (!users.empty()) pipeline.Add(kMark, users, ids);
  users.clear();
  ids.clear();
  for (const auto& [user, cause] : removed_) {
    users.push_back(user);
    ids.push_back(cause);
  }
  if (!users.empty()) pipeline.Add(kDelete, users, ids);
  users.clear();
  ids.clear();
  std::vector<std::int32_t> kinds;
  std::vector<PhotoId> photos;
  std::vector<bool> read;
  for (const auto& [key, row] : added_) {
    users.push_back(key.first);
    ids.push_back(key.second);
    kinds.push_back(static_cast<std::int32_t>(row.kind));
    actors.push_back(row.actor);
    photos.push_back(row.photo);
    read.push_back(row.read);
  }
  if (users.empty()) return;
  pipeline.Add(kInsert, users, ids, kinds, actors, photos, read, now);
}

}  // namespace pinhole::postgres
