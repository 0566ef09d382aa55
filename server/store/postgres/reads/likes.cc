// SPDX-License-Identifier: Apache-2.0

#include <optional>

#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/store/postgres/reads/page.h"
#include "server/store/postgres/reads/photos.h"
#include "server/store/postgres/reads/postgres_reader.h"
#include "server/store/postgres/reads/statements.h"
#include "server/store/postgres/reads/visibility.h"

namespace pinhole::postgres {
namespace {

// One row without an id if there are none; no row if the viewer does not see
// the photo.
const Statement kList(fmt::format(
    "SELECT page.id, u.handle, u.display_name, page.create_time FROM {} "
    "LEFT JOIN LATERAL (SELECT l.id, l.user_id, l.create_time FROM likes l "
    "WHERE l.owner_id = p.owner_id AND l.photo_id = p.id "
    "AND l.id > 0 AND l.id < $3 AND {} "
    "ORDER BY l.id DESC LIMIT $4) page ON true LEFT JOIN LATERAL "
    "(SELECT * FROM users WHERE id = page.user_id OFFSET 0) u ON true "
    "WHERE d.photo_id = $2 AND {} ORDER BY page.id DESC",
    kOnePhoto, SeesContentOf("l.user_id"), Visible()));

std::optional<Like> ReadLike(const Row& row) {
  if (row.IsNull(1)) return std::nullopt;
  return Like{row.Text(1), row.Text(2), row.Time(3)};
}

}  // namespace

Statements LikeStatements() {
  return {{"ListLikes", &kList, DistributionKey::kOwner}};
}

absl::StatusOr<Page<Like>> PostgresReader::ListLikes(UserId viewer,
                                                     PhotoId photo,
                                                     PageRequest page) const {
  ASSIGN_OR_RETURN(const Result found,
                   db_.Query(kList, viewer, photo, Below(page), RowsFor(page)));
  if (found.empty()) return NoSuchPhoto();
  return ReadPage<Like>(found, page.limit, ReadLike);
}

}  // namespace pinhole::postgres
