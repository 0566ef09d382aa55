// SPDX-License-Identifier: Apache-2.0

// The token buckets of password guesses, in the table `throttle`: the algorithm
// of base/rate_limiter.h in SQL.
//
// The connection can be a read-only one.  No transaction waits for the disk or
// for a standby, because the table is not durable: PostgreSQL empties it after
// a crash and when a standby is promoted.

#pragma once

#include <span>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/store/guess_counter.h"
#include "server/store/postgres/db/connection.h"
#include "server/store/postgres/schema/distribution.h"

namespace pinhole::postgres {

// As GuessCounter::Charge, in one round trip.
absl::StatusOr<absl::Duration> ChargeGuess(Connection& db,
                                           std::span<const GuessCharge> charges,
                                           absl::Time now);

// As GuessCounter::Refund, in one round trip.
absl::Status RefundGuess(Connection& db, std::span<const GuessCharge> charges);

// Deletes full buckets, which has no effect on the limits; at most 10,000.
absl::Status DeleteFullBuckets(Connection& db, absl::Time now);

std::vector<ListedStatement> GuessStatements();

}  // namespace pinhole::postgres
