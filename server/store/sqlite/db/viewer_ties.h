// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <algorithm>
#include <vector>

#include "server/model/ids.h"

namespace pinhole::store {

// The follows and blocks of a viewer.
struct ViewerTies {
  std::vector<UserId> followees;  // Ascending.
  bool has_blocks = false;        // The viewer blocks or is blocked by a user.

  bool Follows(UserId user) const {
    return std::binary_search(followees.begin(), followees.end(), user);
  }
};

}  // namespace pinhole::store
