// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>

namespace pinhole::postgres {

// The first keys of the advisory locks of writers (pg_advisory_lock(int, int)).

// The second key is the number of a node; held as long as a lane's connection.
inline constexpr std::int32_t kNodeLock = 0x70686e;  // "phn"
// Held by a transaction that adds photos, so that the ids of photos are in the
// order of the commits.  The second key is 0.
inline constexpr std::int32_t kPublishLock = 0x706870;  // "php"

}  // namespace pinhole::postgres
