// SPDX-License-Identifier: Apache-2.0

#include <optional>
#include <string_view>

#include "base/errors.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/store/postgres/reads/page.h"
#include "server/store/postgres/reads/postgres_reader.h"
#include "server/store/postgres/reads/statements.h"

namespace pinhole::postgres {
namespace {

constexpr std::string_view kColumns =
    "s.id, s.user_id, u.handle, s.token_hash, s.create_time, s.expire_time, "
    "u.administrator";

const Statement kFind(
    fmt::format("SELECT {} FROM sessions s CROSS JOIN LATERAL "
                "(SELECT * FROM users WHERE id = s.user_id OFFSET 0) u "
                "WHERE s.token_hash = $1 AND s.expire_time > $2",
                kColumns));

const Statement kList(fmt::format(
    "SELECT {} FROM (SELECT * FROM sessions WHERE user_id = $1 AND id < $2 "
    "AND expire_time > $3 ORDER BY id DESC LIMIT $4) s LEFT JOIN LATERAL "
    "(SELECT * FROM users WHERE id = s.user_id OFFSET 0) u ON true "
    "ORDER BY s.id DESC",
    kColumns));

std::optional<Session> ReadSession(const Row& row) {
  if (row.IsNull(2)) return std::nullopt;
  return Session{
      SessionId{row.Int(0)}, UserId{row.Int(1)}, row.Text(2), row.Text(3),
      row.Time(4),           row.Time(5),        row.Bool(6)};
}

}  // namespace

Statements SessionStatements() {
  return {
      {"FindSession", &kFind, DistributionKey::kViewer},
      {"ListSessions", &kList, DistributionKey::kViewer},
  };
}

absl::StatusOr<Session> PostgresReader::FindSession(
    std::string_view token_hash) const {
  ASSIGN_OR_RETURN(const Result found,
                   db_.Query(kFind, Bytes{token_hash}, clock_.Now()));
  if (found.empty()) {
    return MakeError(Reason::kSessionNotFound, "there is no such session");
  }
  return *ReadSession(found[0]);
}

absl::StatusOr<Page<Session>> PostgresReader::ListSessions(
    UserId user, PageRequest page) const {
  ASSIGN_OR_RETURN(const Result found, db_.Query(kList, user, Below(page),
                                                 clock_.Now(), RowsFor(page)));
  return ReadPage<Session>(found, page.limit, ReadSession);
}

}  // namespace pinhole::postgres
