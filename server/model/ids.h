// SPDX-License-Identifier: Apache-2.0

// Ids: 64-bit numbers that the store assigns in the order of commits, strictly
// increasing, so that newer objects have larger ids.  Zero means none.

#pragma once

#include <compare>
#include <cstdint>
#include <utility>

namespace pinhole {

template <typename Tag>
struct Id {
  std::int64_t value = 0;

  explicit operator bool() const { return value != 0; }
  friend auto operator<=>(const Id&, const Id&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const Id& id) {
    return H::combine(std::move(h), id.value);
  }
};

using UserId = Id<struct UserTag>;
using SessionId = Id<struct SessionTag>;
using PhotoId = Id<struct PhotoTag>;
using CommentId = Id<struct CommentTag>;
using NotificationId = Id<struct NotificationTag>;

}  // namespace pinhole
