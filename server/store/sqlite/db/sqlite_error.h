// SPDX-License-Identifier: Apache-2.0

// Conversion of SQLite's exceptions.  Code in server/store/sqlite lets them
// propagate; entry points from outside use `Guard`.

#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace pinhole::store {

// The error for a commit that failed with `failure` if it is unknown whether it
// is on the disk.  Has the reason OUTCOME_UNKNOWN.
absl::Status OutcomeUnknown(const absl::Status& failure);

// Runs `work` and converts an SQLite::Exception: RESOURCE_EXHAUSTED (disk full,
// with a retry delay), DATA_LOSS (damaged, or not a database), UNAVAILABLE (I/O
// error, or a lock, with the reason DATABASE_BUSY), INTERNAL (a bug).
absl::Status CatchSqlite(absl::FunctionRef<void()> work);

// As `CatchSqlite`, for a `work` that returns an `absl::StatusOr<T>`.
template <typename Work>
auto Guard(Work work) -> decltype(work()) {
  std::optional<decltype(work())> result;
  const absl::Status status = CatchSqlite([&] { result.emplace(work()); });
  if (!status.ok()) return status;
  return *std::move(result);
}

}  // namespace pinhole::store
