// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "server/model/ids.h"
#include "server/model/photo.h"
#include "server/model/user.h"
#include "server/store/postgres/db/pipeline.h"

namespace pinhole::postgres {

// The users that the commands of a batch concern.
class Users {
 public:
  struct Row {
    std::string handle;
    std::string display_name;
    std::string password_hash;
    bool administrator = false;
    std::int32_t following_count = 0;
  };

  void Want(UserId user) { wanted_.insert(user); }
  void WantOwner(PhotoId photo) { owned_.insert(photo); }

  void Lock(Pipeline& pipeline);
  void Read(const std::vector<Result>& results);

  // The row as the commands so far leave it; null if there is no such user.
  const Row* Find(UserId user) const;

  void CountFollow(UserId follower, UserId followee, int change);
  void CountPhoto(UserId owner, Visibility visibility);
  void Add(const User& user, std::string password_hash) {
    added_.push_back({user, std::move(password_hash)});
  }

  void Save(Pipeline& pipeline, absl::Time now) const;

 private:
  struct Counts {
    std::int32_t followers = 0;
    std::int32_t following = 0;
    std::array<std::int32_t, 3> photos = {};  // By visibility.
  };
  struct NewUser {
    User user;
    std::string password_hash;
  };

  void SaveCounts(Pipeline& pipeline) const;

  std::set<UserId> wanted_;
  std::set<PhotoId> owned_;
  std::map<UserId, Row> rows_;
  std::map<UserId, Counts> changes_;
  std::vector<NewUser> added_;
  std::size_t locked_ = 0;  // Index of a result.
};

}  // namespace pinhole::postgres
