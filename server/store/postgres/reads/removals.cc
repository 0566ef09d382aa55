// SPDX-License-Identifier: Apache-2.0

#include <optional>

#include "base/status_macros.h"
#include "server/store/postgres/reads/page.h"
#include "server/store/postgres/reads/postgres_reader.h"
#include "server/store/postgres/reads/statements.h"

namespace pinhole::postgres {
namespace {

const Statement kList(
    "SELECT id, kind, administrator, owner, photo_id, comment_id, create_time "
    "FROM removals WHERE id < $1 ORDER BY id DESC LIMIT $2");

std::optional<Removal> ReadRemoval(const Row& row) {
  return Removal{.id = row.Int(0),
                 .kind = static_cast<Removal::Kind>(row.Int(1)),
                 .administrator = row.Text(2),
                 .owner = row.Text(3),
                 .photo = PhotoId{row.Int(4)},
                 .comment = CommentId{row.Int(5)},
                 .time = row.Time(6)};
}

}  // namespace

Statements RemovalStatements() {
  return {{"ListRemovals", &kList, DistributionKey::kDirectory}};
}

absl::StatusOr<Page<Removal>> PostgresReader::ListRemovals(
    PageRequest page) const {
  ASSIGN_OR_RETURN(const Result found,
                   db_.Query(kList, Below(page), RowsFor(page)));
  return ReadPage<Removal>(found, page.limit, ReadRemoval);
}

}  // namespace pinhole::postgres
