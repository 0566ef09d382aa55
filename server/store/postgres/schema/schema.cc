// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/schema/schema.h"

#include <cstddef>
#include <cstdint>

#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/store/postgres/db/result.h"
#include "server/store/postgres/db/transaction.h"

namespace pinhole::postgres {
namespace {

// "PNHLmigr".
constexpr std::int64_t kAdvisoryLock = 0x504E484C6D696772;

absl::Status CheckServer(const SchemaVersion& found, std::size_t supported) {
  if (found.min_server <= static_cast<int>(supported)) return absl::OkStatus();
  return absl::FailedPreconditionError(fmt::format(
      "the database was upgraded by a newer version of Pinhole (schema version "
      "{}, which requires support for version {}; this program supports up to "
      "{}); use that version or a newer one",
      found.version, found.min_server, supported));
}

// Runs the next step, unless another server has run it meanwhile.
absl::Status RunNextStep(Connection& db, std::span<const SchemaStep> steps) {
  Transaction transaction(db);
  RETURN_IF_ERROR(transaction.Begin());
  // Servers wait for the one that runs a step, however long that takes.  The
  // step itself must not wait long for a lock, because statements of running
  // servers queue behind it, and behind the locks that it already has: reads
  // would exceed their time limit.  It also gives up before PostgreSQL looks
  // for deadlocks, whose victim could be a server's transaction.
  RETURN_IF_ERROR(
      db.Execute(fmt::format("SET LOCAL statement_timeout = 0;"
                             "SET LOCAL lock_timeout = 0;"
                             "SELECT pg_advisory_xact_lock({});",
                             kAdvisoryLock)));
  ASSIGN_OR_RETURN(const SchemaVersion found, ReadSchemaVersion(db));
  const auto version = static_cast<std::size_t>(found.version);
  if (version >= steps.size()) return absl::OkStatus();
  RETURN_IF_ERROR(db.Execute(
      fmt::format("SET LOCAL lock_timeout = '200ms';{};"
                  "UPDATE schema SET version = {}, min_server = {}",
                  steps[version].sql, version + 1, steps[version].min_server)));
  return transaction.Commit();
}

}  // namespace

absl::StatusOr<SchemaVersion> ReadSchemaVersion(Connection& db) {
  ASSIGN_OR_RETURN(
      const Result tables,
      db.QueryOnce(
          "SELECT count(*), count(*) FILTER (WHERE relname = 'schema'),"
          " current_setting('server_encoding') FROM pg_class "
          "WHERE relnamespace = current_schema()::regnamespace "
          "AND relkind IN ('r', 'p')"));
  const Row row = tables[0];
  if (row.View(2) != "UTF8") {
    return absl::FailedPreconditionError(fmt::format(
        "the encoding of the database must be UTF8, but it is {}; create it "
        "with ENCODING 'UTF8' TEMPLATE template0",
        row.View(2)));
  }
  if (row.Int(0) == 0) return SchemaVersion();
  if (row.Int(1) == 0) {
    return absl::FailedPreconditionError(
        "the database contains tables of another application; create an empty "
        "database for Pinhole");
  }
  ASSIGN_OR_RETURN(const Result version,
                   db.QueryOnce("SELECT version, min_server FROM schema"));
  if (version.empty()) {
    return absl::FailedPreconditionError(
        "the table \"schema\" of the database is empty; restore a backup");
  }
  return SchemaVersion{version[0].Int32(0), version[0].Int32(1)};
}

absl::Status Migrate(Connection& db, std::span<const SchemaStep> steps) {
  for (;;) {
    ASSIGN_OR_RETURN(const SchemaVersion found, ReadSchemaVersion(db));
    if (static_cast<std::size_t>(found.version) >= steps.size()) {
      return CheckServer(found, steps.size());
    }
    RETURN_IF_ERROR(RunNextStep(db, steps));
  }
}

absl::StatusOr<std::string> ReadSecret(Connection& db) {
  ASSIGN_OR_RETURN(const Result found, db.QueryOnce("SELECT secret FROM meta"));
  if (found.empty()) {
    return absl::FailedPreconditionError(
        "the table \"meta\" of the database is empty; restore a backup");
  }
  return found[0].Text(0);
}

}  // namespace pinhole::postgres
