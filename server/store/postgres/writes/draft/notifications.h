// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "server/model/ids.h"
#include "server/model/social.h"
#include "server/store/postgres/db/pipeline.h"

namespace pinhole::postgres {

// The notifications that a batch adds, removes and marks as read.
class Notifications {
 public:
  // `cause` is the id of the like, follow or comment.
  void Add(UserId user, std::int64_t cause, Notification::Kind kind,
           UserId actor, PhotoId photo);
  void Remove(UserId user, std::int64_t cause);
  // Marks `last` and all earlier ones, or all if `last` is none.
  void MarkRead(UserId user, NotificationId last);

  void Save(Pipeline& pipeline, absl::Time now) const;

 private:
  using Key = std::pair<UserId, std::int64_t>;  // The user and the cause.
  struct Row {
    Notification::Kind kind;
    UserId actor;
    PhotoId photo;
    bool read = false;
  };

  std::map<Key, Row> added_;
  std::vector<Key> removed_;
  std::map<UserId, std::int64_t> read_;  // The last one to mark.
};

}  // namespace pinhole::postgres
