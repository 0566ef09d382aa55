// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>

namespace pinhole::postgres {

// The first key of the advisory locks of nodes (pg_advisory_lock(int, int));
// the second is the number of the node.  A lane's connection holds one.
inline constexpr std::int32_t kNodeLock = 0x70686e;  // "phn"

// The first key of the lock of a transaction that purges, so that one server
// purges at a time; the second is 0.
inline constexpr std::int32_t kPurgeLock = 0x706875;  // "phu"

}  // namespace pinhole::postgres
