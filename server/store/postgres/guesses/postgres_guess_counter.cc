// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/guesses/postgres_guess_counter.h"

#include <utility>

#include "base/async/executor.h"
#include "base/call_timing.h"
#include "base/status_macros.h"
#include "server/store/postgres/guesses/guess_buckets.h"

namespace pinhole::postgres {
namespace {

// A guess adds at most three buckets, so a deletion of at most 10,000 keeps up.
constexpr std::int64_t kGuessesPerDeletion = 1000;

// Runs `work` without waiting for it.
void Start(ReaderThreads& threads, ReaderThreads::Read work) {
  // The timing of the current call may end before the work.
  const ScopedCallTiming no_call(nullptr);
  threads.Submit(std::move(work), [](const absl::Status&) {});
}

}  // namespace

Task<absl::StatusOr<absl::Duration>> PostgresGuessCounter::Charge(
    std::vector<GuessCharge> charges, absl::Time now) {
  DeleteFullBucketsSometimes(now);
  absl::Duration delay;
  // A repetition after a lost connection may charge the guess twice.
  auto charge = [&charges, now, &delay](const PostgresReader& reader) {
    absl::StatusOr<absl::Duration> charged =
        ChargeGuess(reader.connection(), charges, now);
    if (charged.ok()) delay = *charged;
    return charged.status();
  };
  auto start = [&](ReaderThreads::Done done) {
    threads_.Submit(std::move(charge), std::move(done));
  };
  CO_RETURN_IF_ERROR(co_await FromCallback<absl::Status>(std::move(start)));
  co_return delay;
}

void PostgresGuessCounter::Refund(std::vector<GuessCharge> charges) {
  // A repetition could refund the guess twice, which would allow more guesses.
  auto refund = [charges = std::move(charges),
                 tried = false](const PostgresReader& reader) mutable {
    if (std::exchange(tried, true)) return absl::OkStatus();
    return RefundGuess(reader.connection(), charges);
  };
  Start(threads_, std::move(refund));
}

void PostgresGuessCounter::DeleteFullBucketsSometimes(absl::Time now) {
  if (++guesses_ % kGuessesPerDeletion != 0) return;
  auto remove = [now](const PostgresReader& reader) {
    return DeleteFullBuckets(reader.connection(), now);
  };
  Start(threads_, std::move(remove));
}

}  // namespace pinhole::postgres
