// SPDX-License-Identifier: Apache-2.0

#include <optional>
#include <string>

#include "base/status_macros.h"
#include "server/store/postgres/reads/page.h"
#include "server/store/postgres/reads/postgres_reader.h"
#include "server/store/postgres/reads/statements.h"

namespace pinhole::postgres {
namespace {

const Statement kList(
    "SELECT page.id, u.handle FROM (SELECT id, other_id FROM blocks "
    "WHERE user_id = $1 AND blocking AND id < $2 ORDER BY id DESC LIMIT $3) "
    "page LEFT JOIN LATERAL "
    "(SELECT handle FROM users WHERE id = page.other_id OFFSET 0) u ON true "
    "ORDER BY page.id DESC");

}  // namespace

Statements BlockStatements() {
  return {{"ListBlocks", &kList, DistributionKey::kViewer}};
}

absl::StatusOr<Page<std::string>> PostgresReader::ListBlocks(
    UserId user, PageRequest page) const {
  ASSIGN_OR_RETURN(const Result found,
                   db_.Query(kList, user, Below(page), RowsFor(page)));
  return ReadPage<std::string>(
      found, page.limit, [](const Row& row) { return row.OptionalText(1); });
}

}  // namespace pinhole::postgres
