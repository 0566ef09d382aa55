// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/db/postgres_error.h"

#include "absl/strings/cord.h"
#include "absl/time/time.h"
#include "base/errors.h"
#include "fmt/format.h"

namespace pinhole::postgres {
namespace {

constexpr absl::string_view kSqlState = "pinhole/sqlstate";
constexpr absl::Duration kDiskFullRetryDelay = absl::Seconds(5);
constexpr absl::Duration kBusyRetryDelay = absl::Milliseconds(100);
constexpr std::string_view kConnectionFailure = "08006";
constexpr std::string_view kReadOnly = "25006";
constexpr std::string_view kDiskFull = "53100";

bool StartsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

bool IsConflictState(std::string_view state) {
  return state == "40001" || state == "40P01" || state == "55P03";
}

// Connection exceptions, too many connections, shutdown and start-up of the
// server, and the ends of idle sessions.
bool IsLostState(std::string_view state) {
  return StartsWith(state, "08") || StartsWith(state, "57P") ||
         state == "53300" || state == "25P03" || state == kReadOnly;
}

absl::Status WithoutState(std::string_view state, std::string_view message) {
  const std::string detail = fmt::format("{} (SQLSTATE {})", message, state);
  if (state == kReadOnly) {
    return MakeError(Reason::kStorageUnavailable,
                     fmt::format("PostgreSQL is read-only: {}", detail));
  }
  if (IsLostState(state)) {
    return MakeError(
        Reason::kStorageUnavailable,
        fmt::format("the connection to PostgreSQL was lost: {}", message));
  }
  if (IsConflictState(state)) {
    return WithRetryDelay(
        MakeError(Reason::kDatabaseBusy,
                  fmt::format("another transaction is in the way; retry in a "
                              "moment: {}",
                              detail)),
        kBusyRetryDelay);
  }
  if (state == "57014") {
    return WithRetryDelay(
        MakeError(Reason::kDatabaseBusy,
                  fmt::format("PostgreSQL took too long; retry in a moment: {}",
                              detail)),
        kBusyRetryDelay);
  }
  if (state == kDiskFull) {
    return WithRetryDelay(
        MakeError(Reason::kDiskFull,
                  fmt::format("the disk of PostgreSQL is full: {}", detail)),
        kDiskFullRetryDelay);
  }
  if (state == "53200") {
    return MakeError(Reason::kOutOfMemory,
                     fmt::format("PostgreSQL is out of memory: {}", detail));
  }
  if (state == "XX001" || state == "XX002") {
    return absl::DataLossError(
        fmt::format("the database is damaged: {}", detail));
  }
  // Other lacking resources, an operator's doing, and failures of the system.
  if (StartsWith(state, "53") || StartsWith(state, "58") ||
      StartsWith(state, "28") || state == "55000" || state == "42501") {
    return MakeError(Reason::kStorageUnavailable,
                     fmt::format("cannot use PostgreSQL: {}", detail));
  }
  return absl::InternalError(fmt::format("PostgreSQL: {}", detail));
}

}  // namespace

absl::Status ErrorOf(std::string_view sqlstate, std::string_view message) {
  absl::Status status = WithoutState(sqlstate, message);
  status.SetPayload(kSqlState, absl::Cord(absl::string_view(sqlstate.data(),
                                                            sqlstate.size())));
  return status;
}

absl::Status ConnectionLost(std::string_view message) {
  return ErrorOf(kConnectionFailure, message);
}

bool IsConnectionLost(const absl::Status& status) {
  return IsLostState(SqlStateOf(status));
}

bool IsReadOnly(const absl::Status& status) {
  return SqlStateOf(status) == kReadOnly;
}

bool IsConflict(const absl::Status& status) {
  return IsConflictState(SqlStateOf(status));
}

bool IsDiskFull(const absl::Status& status) {
  return SqlStateOf(status) == kDiskFull;
}

bool IsConstraintViolation(const absl::Status& status) {
  return StartsWith(SqlStateOf(status), "23");
}

std::string SqlStateOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kSqlState);
  return payload ? std::string(*payload) : "";
}

}  // namespace pinhole::postgres
