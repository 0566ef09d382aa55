// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_STORE_SQLITE_DB_WRITE_TRANSACTION_H_
#define PINHOLE_SERVER_STORE_SQLITE_DB_WRITE_TRANSACTION_H_

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"
#include "server/store/changes.h"
#include "server/store/sqlite/db/connection.h"

namespace pinhole::store {

// Gives ids: milliseconds of the clock and 22 bits to count within one, always
// larger than the one before whatever the clock does.
class IdSequence {
 public:
  explicit IdSequence(std::int64_t last) : last_(last) {}

  std::int64_t Next(absl::Time now) {
    last_ = std::max(last_ + 1, absl::ToUnixMillis(now) << 22);
    return last_;
  }
  std::int64_t last() const { return last_; }

 private:
  std::int64_t last_;
};

// What a command has while it runs: the writer's connection, inside a
// transaction, and where to note what it changes.
struct WriteTransaction {
  Connection& db;
  IdSequence& ids;
  absl::Time now;
  Changes& changes;

  std::int64_t NewId() { return ids.Next(now); }
};

}  // namespace pinhole::store

#endif  // PINHOLE_SERVER_STORE_SQLITE_DB_WRITE_TRANSACTION_H_
