// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "base/clock.h"
#include "server/store/postgres/db/connection.h"
#include "server/store/postgres/db/pipeline.h"
#include "server/store/postgres/reads/postgres_reader.h"
#include "server/store/queue/id_sequence.h"

namespace pinhole::postgres {

// Times are stored in whole milliseconds.
inline absl::Time AsStored(absl::Time time) {
  return absl::FromUnixMillis(absl::ToUnixMillis(time));
}

// The context in which a command runs: an open transaction of a lane.
//
// To be free of deadlocks, every transaction locks rows in this order, each
// kind by one statement in ascending order of its key (for example `... WHERE
// id = ANY($1) ORDER BY id FOR NO KEY UPDATE`), and never locks more later:
//
//   requests, handles, [the publish lock], users, photos, sessions, the rest
//
// A statement of READ COMMITTED sees what was committed before it began, so
// what a decision depends on must be read by a statement that follows the
// locks that protect it.
struct WriteTransaction {
  Connection& db;
  // Statements to send with the next flush.  Those that remain at the end are
  // sent together with the COMMIT, which saves a round trip.  Must be empty or
  // flushed when `db` is used directly.
  Pipeline& pipeline;
  store::IdSequence& ids;
  const Clock& clock;
  absl::Time now;  // As stored.

  // Reads what the transaction has written so far.
  PostgresReader reader() const { return PostgresReader(db, clock); }

  // At most kMaxIds per transaction.
  std::int64_t NewId() { return ids.Next(now); }
  static constexpr int kMaxIds = 1 << 10;
};

}  // namespace pinhole::postgres
