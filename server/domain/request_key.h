// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string_view>

#include "server/store/commands.h"

namespace pinhole::domain {

// The idempotency key of a create request.  `request_id` is scoped to `method`
// and `who` (a user id or a handle), so the ids of different users never
// collide. `content` must be the same in a repeated request.  It must not
// include a password: a fast hash of one would help an attacker who steals the
// store.
RequestKey MakeRequestKey(std::string_view method, std::string_view who,
                          std::string_view request_id,
                          std::string_view content);

}  // namespace pinhole::domain
