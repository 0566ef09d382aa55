// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "absl/time/time.h"
#include "server/model/ids.h"
#include "server/store/store.h"

namespace pinhole::domain {

// The user who requests a change, and its deadline: a change that is still
// queued for the writer at that time is dropped.
struct Actor {
  // Implicit: any user can act, and by default without a deadline.
  Actor(UserId user = {}, absl::Time deadline = absl::InfiniteFuture())
      : user(user), deadline(deadline) {}

  WriteOptions options() const { return {.deadline = deadline}; }

  UserId user;
  absl::Time deadline;
};

}  // namespace pinhole::domain
