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
    "SELECT page.id, p.id, u.handle, u.display_name, page.text, "
    "page.create_time FROM {} "
    "LEFT JOIN LATERAL (SELECT c.* FROM comments c "
    "WHERE c.owner_id = p.owner_id AND c.photo_id = p.id AND c.id > $3 AND {} "
    "ORDER BY c.id LIMIT $4) page ON true LEFT JOIN LATERAL "
    "(SELECT * FROM users WHERE id = page.author_id OFFSET 0) u ON true "
    "WHERE d.photo_id = $2 AND {} ORDER BY page.id",
    kOnePhoto, SeesContentOf("c.author_id"), Visible()));

std::optional<Comment> ReadComment(const Row& row) {
  if (row.IsNull(2)) return std::nullopt;
  return Comment{CommentId{row.Int(0)}, PhotoId{row.Int(1)}, row.Text(2),
                 row.Text(3),           row.Text(4),         row.Time(5)};
}

}  // namespace

Statements CommentStatements() {
  return {{"ListComments", &kList, DistributionKey::kOwner}};
}

absl::StatusOr<Page<Comment>> PostgresReader::ListComments(
    UserId viewer, PhotoId photo, PageRequest page) const {
  ASSIGN_OR_RETURN(const Result found,
                   db_.Query(kList, viewer, photo, page.after, RowsFor(page)));
  if (found.empty()) return NoSuchPhoto();
  return ReadPage<Comment>(found, page.limit, ReadComment);
}

}  // namespace pinhole::postgres
