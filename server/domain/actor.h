// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_DOMAIN_ACTOR_H_
#define PINHOLE_SERVER_DOMAIN_ACTOR_H_

#include "absl/time/time.h"
#include "server/model/ids.h"
#include "server/store/store.h"

namespace pinhole::domain {

// Who changes something, and until when it is worth doing: after the deadline
// a change that still waits for the writer is dropped.
struct Actor {
  // Implicit: any user can act, and without a deadline if nobody waits.
  Actor(UserId user = {}, absl::Time deadline = absl::InfiniteFuture())
      : user(user), deadline(deadline) {}

  WriteOptions options() const { return {.deadline = deadline}; }

  UserId user;
  absl::Time deadline;
};

}  // namespace pinhole::domain

#endif  // PINHOLE_SERVER_DOMAIN_ACTOR_H_
