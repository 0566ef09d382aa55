// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/import/import.h"

#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/errors.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/store/postgres/db/connection_uri.h"
#include "server/store/postgres/db/copy_in.h"
#include "server/store/postgres/db/params.h"
#include "server/store/postgres/db/postgres_error.h"
#include "server/store/postgres/schema/schema.h"
#include "server/store/postgres/writes/advisory_locks.h"
#include "server/store/queue/id_sequence.h"

namespace pinhole::postgres {
namespace {

// The number of rows of each must be 0.
struct Rule {
  const char* count;
  const char* wrong_rows;
};
constexpr Rule kRules[] = {
    {"users.public_photo_count, followers_photo_count, private_photo_count",
     "FROM users u WHERE (public_photo_count, followers_photo_count,"
     " private_photo_count) <> (SELECT"
     " count(*) FILTER (WHERE visibility = 1),"
     " count(*) FILTER (WHERE visibility = 2),"
     " count(*) FILTER (WHERE visibility = 3)"
     " FROM photos WHERE owner_id = u.id)"},
    {"users.follower_count",
     "FROM users u WHERE follower_count <>"
     " (SELECT count(*) FROM follows WHERE followee_id = u.id)"},
    {"users.following_count",
     "FROM users u WHERE following_count <>"
     " (SELECT count(*) FROM follows WHERE follower_id = u.id)"},
    {"photos.like_count",
     "FROM photos p WHERE like_count <> (SELECT count(*) FROM likes"
     " WHERE owner_id = p.owner_id AND photo_id = p.id)"},
    {"photos.comment_count",
     "FROM photos p WHERE comment_count <> (SELECT count(*) FROM comments"
     " WHERE owner_id = p.owner_id AND photo_id = p.id)"},
    {"photos.hidden_like_count",
     "FROM photos p WHERE hidden_like_count <> (SELECT count(*)"
     " FROM blocks b JOIN likes l ON l.user_id = b.other_id"
     " WHERE b.user_id = p.owner_id AND b.blocking"
     " AND l.owner_id = p.owner_id AND l.photo_id = p.id)"},
    {"photos.hidden_comment_count",
     "FROM photos p WHERE hidden_comment_count <> (SELECT count(*)"
     " FROM blocks b JOIN comments c ON c.author_id = b.other_id"
     " WHERE b.user_id = p.owner_id AND b.blocking"
     " AND c.owner_id = p.owner_id AND c.photo_id = p.id)"},
};

// Tables that have rows before the first server starts, or that servers leave
// behind in an empty database.
bool MayHaveRows(std::string_view table) {
  return table == "schema" || table == "meta" || table == "writers" ||
         table == "throttle";
}

absl::Status AddRow(CopyIn& copy, MovedRow row) {
  for (const MovedValue& value : row) {
    if (const auto* const number = std::get_if<std::int64_t>(&value)) {
      copy.AddInt(*number);
    } else if (const auto* const text = std::get_if<std::string_view>(&value)) {
      copy.AddText(*text);
    } else {
      copy.AddBytes(std::get<MovedBytes>(value).bytes);
    }
  }
  return copy.EndRow();
}

absl::Status UnknownOutcome(std::string_view cause) {
  return MakeError(
      Reason::kOutcomeUnknown,
      fmt::format("PostgreSQL did not confirm the commit: {}; run the command "
                  "again: it refuses if the database is no longer empty, which "
                  "means that all rows have been moved",
                  cause));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Import>> Import::Begin(const std::string& uri) {
  ASSIGN_OR_RETURN(std::unique_ptr<Connection> db,
                   Connection::Open({.uri = uri,
                                     .kind = ConnectionKind::kUpgrade,
                                     .application_name = "pinhole migrate"}));
  RETURN_IF_ERROR(Migrate(*db));
  std::unique_ptr<Import> import(new Import(std::move(db)));
  RETURN_IF_ERROR(import->transaction_.Begin());
  RETURN_IF_ERROR(import->LockTables());
  RETURN_IF_ERROR(import->RequireUnused(RedactedUri(uri)));
  return import;
}

absl::Status Import::LockTables() {
  RETURN_IF_ERROR(
      db_->Execute("SET LOCAL statement_timeout = 0;"
                   "SET LOCAL idle_in_transaction_session_timeout = 0"));
  ASSIGN_OR_RETURN(
      const Result found,
      db_->QueryOnce("SELECT relname::text FROM pg_class "
                     "WHERE relnamespace = current_schema()::regnamespace "
                     "AND relkind IN ('r', 'p') ORDER BY relname"));
  for (const Row row : found) tables_.push_back(row.Text(0));
  // A server that starts now reads `writers` before any other table, and waits
  // there for the end of the import.
  absl::Status locked =
      db_->Execute("LOCK TABLE writers IN ACCESS EXCLUSIVE MODE");
  if (locked.ok()) {
    locked = db_->Execute(fmt::format("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE",
                                      absl::StrJoin(tables_, ", ")));
  }
  if (!IsConflict(locked)) return locked;
  return absl::FailedPreconditionError(
      "the database is in use; stop all servers that use it");
}

absl::Status Import::RequireUnused(const std::string& database) {
  ASSIGN_OR_RETURN(
      const Result servers,
      db_->QueryOnce("SELECT count(*) FROM pg_locks l "
                     "JOIN pg_database d ON d.oid = l.database "
                     "WHERE d.datname = current_database() "
                     "AND locktype = 'advisory' AND classid = $1::bigint::oid",
                     Params(std::int64_t{kNodeLock})));
  if (servers[0].Int(0) > 0) {
    return absl::FailedPreconditionError(fmt::format(
        "a pinhole-server uses {}; stop all servers that use it", database));
  }
  for (const std::string& table : tables_) {
    if (MayHaveRows(table)) continue;
    ASSIGN_OR_RETURN(const Result found, db_->QueryOnce(fmt::format(
                                             "SELECT FROM {} LIMIT 1", table)));
    if (found.empty()) continue;
    return absl::FailedPreconditionError(fmt::format(
        "{} is not empty: its table \"{}\" has rows; name an empty database",
        database, table));
  }
  return absl::OkStatus();
}

absl::Status Import::Add(const MovedTable& table, Read read) {
  CopyIn copy(*db_);
  RETURN_IF_ERROR(copy.Begin(table.name, table.columns));
  RETURN_IF_ERROR(read([&copy](MovedRow row) { return AddRow(copy, row); }));
  ASSIGN_OR_RETURN(const std::int64_t rows, copy.Finish());
  if (rows == table.rows) return absl::OkStatus();
  return absl::DataLossError(
      fmt::format("{} of the {} rows of the table \"{}\" could be moved", rows,
                  table.rows, table.name));
}

absl::Status Import::Commit(std::string_view secret, std::int64_t last_id,
                            absl::Time now) {
  // Also lets the first servers plan their statements well.
  RETURN_IF_ERROR(
      db_->Execute(absl::StrCat("ANALYZE ", absl::StrJoin(tables_, ", "))));
  RETURN_IF_ERROR(Recount());
  RETURN_IF_ERROR(
      db_->QueryOnce("UPDATE meta SET secret = $1", Params(Bytes{secret}))
          .status());
  // Each lane of a server continues after the last id of its node.
  RETURN_IF_ERROR(
      db_->QueryOnce(
             "INSERT INTO writers (instance, lane, node, last_id, batch, time)"
             " SELECT 'migrate', node, node, $1, 0, $2"
             " FROM generate_series(0, $3 - 1) AS node",
             Params(last_id, now, std::int32_t{store::IdSequence::kNodes}))
          .status());
  db_->TakeWarnings();
  const absl::Status committed = transaction_.Commit();
  if (IsConnectionLost(committed)) {
    return UnknownOutcome(std::string(committed.message()));
  }
  RETURN_IF_ERROR(committed);
  const std::vector<std::string> warnings = db_->TakeWarnings();
  if (!warnings.empty()) return UnknownOutcome(warnings.front());
  return absl::OkStatus();
}

absl::Status Import::Recount() {
  for (const auto& [count, wrong_rows] : kRules) {
    ASSIGN_OR_RETURN(const Result found, db_->QueryOnce(absl::StrCat(
                                             "SELECT count(*) ", wrong_rows)));
    const std::int64_t wrong = found[0].Int(0);
    if (wrong == 0) continue;
    return absl::DataLossError(
        fmt::format("{} is wrong in {} rows of the database to move; nothing "
                    "was moved",
                    count, wrong));
  }
  return absl::OkStatus();
}

}  // namespace pinhole::postgres
