// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "tests/contract/store_contract.h"

namespace pinhole::testing {

// Four users and what each of them sees of the others.
class SocialContract : public StoreContract {
 protected:
  std::vector<std::string> Followers(UserId viewer, UserId user) {
    return Handles(ReadAll([&](PageRequest page) {
      return reader().ListFollowers(viewer, user, page);
    }));
  }
  std::vector<std::string> Following(UserId viewer, UserId user) {
    return Handles(ReadAll([&](PageRequest page) {
      return reader().ListFollowing(viewer, user, page);
    }));
  }
  std::vector<std::string> Likers(UserId viewer, PhotoId photo) {
    std::vector<std::string> handles;
    for (const auto& like : ReadAll([&](PageRequest page) {
           return reader().ListLikes(viewer, photo, page);
         })) {
      handles.push_back(like.user_handle);
    }
    return handles;
  }
  std::vector<std::string> Remarks(UserId viewer, PhotoId photo) {
    std::vector<std::string> texts;
    for (const auto& comment : ReadAll([&](PageRequest page) {
           return reader().ListComments(viewer, photo, page);
         })) {
      texts.push_back(comment.text);
    }
    return texts;
  }
  std::vector<std::string> Blocked(UserId user) {
    return ReadAll(
        [&](PageRequest page) { return reader().ListBlocks(user, page); });
  }

  const UserId ansel_ = Register("ansel");
  const UserId bea_ = Register("bea");
  const UserId cleo_ = Register("cleo");
  const UserId dora_ = Register("dora");
};

// Runs thousands of commands, for stores that sync them in batches.
class CrowdContract : public SocialContract {
 protected:
  // All of them must succeed.
  template <typename C>
  std::vector<typename C::Result> RunAll(const std::vector<C>& commands) {
    constexpr std::size_t kAtOnce = 500;
    std::vector<typename C::Result> results(commands.size());
    for (std::size_t begin = 0; begin < commands.size(); begin += kAtOnce) {
      const std::size_t end = std::min(begin + kAtOnce, commands.size());
      absl::BlockingCounter done(static_cast<int>(end - begin));
      for (std::size_t i = begin; i < end; ++i) {
        store().Submit(commands[i], {},
                       [&, i](absl::StatusOr<CommandResult> result) {
                         results[i] = std::get<typename C::Result>(*result);
                         done.DecrementCount();
                       });
      }
      done.Wait();
    }
    return results;
  }
  std::vector<UserId> RegisterMany(int count) {
    std::vector<CreateUser> commands;
    for (int i = 0; i < count; ++i) {
      commands.push_back({"user" + std::to_string(i), "", "", {}});
    }
    std::vector<UserId> ids;
    for (const User& user : RunAll(commands)) ids.push_back(user.id);
    return ids;
  }
};

}  // namespace pinhole::testing
