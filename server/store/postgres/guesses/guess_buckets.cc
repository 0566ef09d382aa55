// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/guesses/guess_buckets.h"

#include <cstdint>
#include <string>
#include <vector>

#include "base/rate_limiter.h"
#include "base/status_macros.h"
#include "server/store/postgres/db/pipeline.h"
#include "server/store/postgres/db/statement.h"
#include "server/store/postgres/db/transaction.h"

namespace pinhole::postgres {
namespace {

const Statement kBeginWrite("BEGIN READ WRITE");
const Statement kDoNotSync("SET LOCAL synchronous_commit = off");

// Creates the buckets and locks their rows, always in the order of the keys, so
// that concurrent guesses do not deadlock.  The update changes nothing: unlike
// DO NOTHING followed by a lock, it cannot lose a row to `kDeleteFull`.
const Statement kLock(
    "INSERT INTO throttle AS bucket (key, time)"
    " SELECT key, 0 FROM unnest($1::bytea[]) AS charge(key) ORDER BY key"
    " ON CONFLICT (key) DO UPDATE SET time = bucket.time");

// `time` is when the bucket will be full, `capacity` the time to fill an empty
// one.  A time later than that means that a clock was set back.
const Statement kCharge(R"sql(
WITH charges AS MATERIALIZED (
  SELECT key, place,
    least(greatest(time, $4), $4 + capacity) + step AS full_at,
    $4 + capacity AS limit_time
  FROM unnest($1::bytea[], $2::bigint[], $3::bigint[]) WITH ORDINALITY
    AS charge(key, step, capacity, place)
  JOIN throttle USING (key)
), refusal AS MATERIALIZED (
  SELECT full_at - limit_time AS delay FROM charges
  WHERE full_at > limit_time ORDER BY place LIMIT 1
), charged AS (
  UPDATE throttle SET time = full_at FROM charges
  WHERE throttle.key = charges.key AND NOT EXISTS (SELECT FROM refusal)
)
SELECT coalesce((SELECT delay FROM refusal), 0)
)sql");

// Any time in the past means that the bucket is full.
const Statement kRefund(
    "UPDATE throttle SET time = time - step"
    " FROM unnest($1::bytea[], $2::bigint[]) AS charge(key, step)"
    " WHERE throttle.key = charge.key");

const Statement kDeleteFull(
    "DELETE FROM throttle WHERE key = ANY(ARRAY("
    " SELECT key FROM throttle WHERE time < $1"
    " LIMIT 10000 FOR UPDATE SKIP LOCKED))");

// The charges as columns.
struct Columns {
  std::vector<std::string> keys;
  std::vector<Bytes> key_bytes;         // Of `keys`.
  std::vector<std::int64_t> intervals;  // In microseconds, as the next.
  std::vector<std::int64_t> capacities;

  explicit Columns(std::span<const GuessCharge> charges) {
    keys.reserve(charges.size());
    for (const auto& [limit, key] : charges) {
      const RateLimiter::Options options = OptionsOf(limit);
      keys.push_back(ColumnKey(limit, key));
      key_bytes.push_back({keys.back()});
      intervals.push_back(absl::ToInt64Microseconds(options.interval));
      capacities.push_back(intervals.back() * options.burst);
    }
  }

  static std::string ColumnKey(GuessLimit limit, std::uint64_t key) {
    std::string bytes(1, static_cast<char>(limit));
    for (int shift = 56; shift >= 0; shift -= 8) {
      bytes.push_back(static_cast<char>(key >> shift));
    }
    return bytes;
  }
};

void BeginWrite(Pipeline& pipeline) {
  pipeline.Add(kBeginWrite);
  pipeline.Add(kDoNotSync);
}

}  // namespace

absl::StatusOr<absl::Duration> ChargeGuess(Connection& db,
                                           std::span<const GuessCharge> charges,
                                           absl::Time now) {
  const Columns columns(charges);
  const Transaction transaction(db);
  Pipeline pipeline(db);
  BeginWrite(pipeline);
  pipeline.Add(kLock, columns.key_bytes);
  const std::size_t charge = pipeline.Add(
      kCharge, columns.key_bytes, columns.intervals, columns.capacities, now);
  pipeline.Add(kCommit);
  ASSIGN_OR_RETURN(const std::vector<Result> results, pipeline.Flush());
  return absl::Microseconds(results[charge][0].Int(0));
}

absl::Status RefundGuess(Connection& db, std::span<const GuessCharge> charges) {
  const Columns columns(charges);
  const Transaction transaction(db);
  Pipeline pipeline(db);
  BeginWrite(pipeline);
  pipeline.Add(kLock, columns.key_bytes);
  pipeline.Add(kRefund, columns.key_bytes, columns.intervals);
  pipeline.Add(kCommit);
  return pipeline.Flush().status();
}

absl::Status DeleteFullBuckets(Connection& db, absl::Time now) {
  const Transaction transaction(db);
  Pipeline pipeline(db);
  BeginWrite(pipeline);
  pipeline.Add(kDeleteFull, now);
  pipeline.Add(kCommit);
  return pipeline.Flush().status();
}

std::vector<ListedStatement> GuessStatements() {
  return {
      {"guesses/lock", &kLock, DistributionKey::kDirectory},
      {"guesses/charge", &kCharge, DistributionKey::kDirectory},
      {"guesses/refund", &kRefund, DistributionKey::kDirectory},
      {"guesses/delete_full", &kDeleteFull, DistributionKey::kDirectory},
  };
}

}  // namespace pinhole::postgres
