// SPDX-License-Identifier: Apache-2.0

// Where SQLite's exceptions end.  Code in this folder lets them pass; what
// calls it from outside goes through `Guard`.

#ifndef PINHOLE_SERVER_STORE_SQLITE_DB_SQLITE_ERROR_H_
#define PINHOLE_SERVER_STORE_SQLITE_DB_SQLITE_ERROR_H_

#include <optional>
#include <string_view>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace pinhole::store {

// The reason (base/errors.h) when another connection holds the lock.
inline constexpr std::string_view kDatabaseBusy = "DATABASE_BUSY";

// What to tell of a commit that failed with `failure` such that nobody knows
// what is on the disk.  Has the reason `kOutcomeUnknown` (store.h).
absl::Status OutcomeUnknown(const absl::Status& failure);

// Runs `work` and turns a SQLite::Exception into a status: RESOURCE_EXHAUSTED
// (disk full, with a retry delay), DATA_LOSS (damaged, not a database),
// UNAVAILABLE (trouble of the disk, or of locks: `kDatabaseBusy`), INTERNAL (a
// bug of ours).
absl::Status CatchSqlite(absl::FunctionRef<void()> work);

// As `CatchSqlite`, with the result of `work`, an `absl::StatusOr<T>`.
template <typename Work>
auto Guard(Work work) -> decltype(work()) {
  std::optional<decltype(work())> result;
  const absl::Status status = CatchSqlite([&] { result.emplace(work()); });
  if (!status.ok()) return status;
  return *std::move(result);
}

}  // namespace pinhole::store

#endif  // PINHOLE_SERVER_STORE_SQLITE_DB_SQLITE_ERROR_H_
