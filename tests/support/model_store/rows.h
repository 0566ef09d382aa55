// SPDX-License-Identifier: Apache-2.0

// The data of ModelStore: plain rows without derived data.  There are no counts
// and no notifications; view.h computes them for each read.

#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/model/ids.h"
#include "server/model/photo.h"
#include "server/model/removal.h"
#include "server/model/user.h"

namespace pinhole::testing::model {

struct UserRow {
  UserId id;
  std::string handle;
  std::string display_name;
  std::string bio;
  std::string password_hash;
  absl::Time create_time;
  std::int64_t last_read_id = 0;  // Notifications up to this id are read.
  bool administrator = false;
};

struct FollowRow {
  std::int64_t id = 0;
  UserId follower;
  UserId followee;
  absl::Time create_time;
};

struct LikeRow {
  std::int64_t id = 0;
  UserId user;
  PhotoId photo;
  absl::Time create_time;
};

struct CommentRow {
  CommentId id;
  PhotoId photo;
  UserId author;
  std::string text;
  absl::Time create_time;
};

struct BlockRow {
  std::int64_t id = 0;
  UserId blocker;
  UserId blocked;
};

struct RequestRow {
  std::string fingerprint;
  std::int64_t result = 0;
  UserId user;  // The owner; none for the creation of an account.
  absl::Time create_time;
};

// Tables are in the order of ids, since rows are only appended.  Times are
// whole milliseconds.
struct Rows {
  std::vector<UserRow> users;
  std::vector<Session> sessions;  // Without the user's data.
  std::vector<Photo> photos;      // Without data that depends on the viewer.
  std::vector<FollowRow> follows;
  std::vector<LikeRow> likes;
  std::vector<CommentRow> comments;
  std::vector<BlockRow> blocks;
  std::map<std::string, RequestRow> requests;  // By key.
  std::vector<Removal> removals;
  std::map<std::string, absl::Time> reserved_handles;  // Deletion times.
  std::map<std::string, absl::Time> uploads;           // By file key.
  std::set<std::string> garbage;                       // File keys.
  // The largest id in use of each node, without the node.
  std::map<int, std::int64_t> last_ticks;
};

inline absl::Time WholeMilliseconds(absl::Time time) {
  return absl::FromUnixMillis(absl::ToUnixMillis(time));
}

// The first row that meets `condition`, or null.
template <typename Table, typename Condition>
auto Find(Table& rows, Condition condition) -> decltype(&rows.front()) {
  const auto row = std::find_if(rows.begin(), rows.end(), condition);
  return row == rows.end() ? nullptr : &*row;
}
template <typename Table, typename Condition>
bool Any(const Table& rows, Condition condition) {
  return std::any_of(rows.begin(), rows.end(), condition);
}
template <typename Table, typename Condition>
std::int32_t Count(const Table& rows, Condition condition) {
  return static_cast<std::int32_t>(
      std::count_if(rows.begin(), rows.end(), condition));
}

// Descriptions of rows that contradict each other or refer to missing rows.
std::vector<std::string> FindMistakes(const Rows& rows);
// The tables that contain `user`.
std::vector<std::string> FindTraces(const Rows& rows, UserId user);

}  // namespace pinhole::testing::model
