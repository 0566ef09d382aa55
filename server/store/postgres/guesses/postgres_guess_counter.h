// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "server/store/guess_counter.h"
#include "server/store/postgres/readers/reader_threads.h"

namespace pinhole::postgres {

// Counts the guesses of all servers that use the database, in the table
// `throttle`.  If the database is unreachable, `Charge` fails as a read does.
// Thread-safe.
class PostgresGuessCounter final : public GuessCounter {
 public:
  // `threads` must outlive this object.
  explicit PostgresGuessCounter(ReaderThreads& threads) : threads_(threads) {}

  Task<absl::StatusOr<absl::Duration>> Charge(std::vector<GuessCharge> charges,
                                              absl::Time now) override;
  // Queued before it returns, so that `ReaderThreads::Stop` finishes it.  Not
  // repeated if the connection is lost.
  void Refund(std::vector<GuessCharge> charges) override;

 private:
  // Once every 1,000 guesses, deletes the buckets that are full.
  void DeleteFullBucketsSometimes(absl::Time now);

  ReaderThreads& threads_;
  std::atomic<std::int64_t> guesses_{0};
};

}  // namespace pinhole::postgres
