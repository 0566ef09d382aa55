// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "server/store/queue/id_sequence.h"
#include "server/store/sqlite/db/changes.h"
#include "server/store/sqlite/db/connection.h"

namespace pinhole::store {

// The context in which a command runs: an open transaction on the connection
// that writes, and the record of what the command changes.
struct WriteTransaction {
  Connection& db;
  IdSequence& ids;
  absl::Time now;
  Changes& changes;

  std::int64_t NewId() { return ids.Next(now); }
};

}  // namespace pinhole::store
