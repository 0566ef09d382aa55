// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "server/store/commands.h"
#include "server/store/sqlite/db/connection.h"
#include "server/store/sqlite/db/query.h"
#include "server/store/sqlite/db/write_transaction.h"
#include "server/store/store.h"

namespace pinhole::store {

// A statement for the photos whose ids the query `ids` selects (as `id`, at
// most a page), as the viewer ?1 sees them, by id in `order` ("ASC" or "DESC").
// Its rows are read with `ReadPhoto`.
std::string ShowPhotos(std::string_view ids, std::string_view order);
Photo ReadPhoto(Query& query);

// Conversion of the column `digests`.
PhotoDigests ToDigests(std::string_view blob);
Blob ToBlob(const PhotoDigests& digests);

// The part of a photo that does not depend on the viewer.
struct PhotoRow {
  Photo photo;  // With counts of all users; `liked` is not set.
  // Likes and comments by users whom the owner blocks.
  std::int32_t hidden_likes = 0;
  std::int32_t hidden_comments = 0;

  // For a viewer whom no block affects; `liked` is not set.
  Photo SeenBy(UserId viewer) const;
};

// OK if `photo` exists and `viewer` may see it; NOT_FOUND otherwise.
absl::Status CheckPhoto(Connection& db, UserId viewer, PhotoId photo);

absl::StatusOr<Photo> FindPhoto(Connection& db, UserId viewer, PhotoId photo);
absl::StatusOr<Page<Photo>> ListPhotos(Connection& db, UserId viewer,
                                       UserId owner, PageRequest page);
// The number of photos that a page scans at most.  Photos that a block hides
// from the viewer are skipped, so a page can end before it is full.
inline constexpr int kRecentLookedAt = 5000;
Page<Photo> ListRecentPhotos(Connection& db, UserId viewer, PageRequest page);
PhotoId LatestPhoto(Connection& db);
// Calls `use` for each of `ids` that exists, regardless of visibility.
void ForEachPhotoRow(Connection& db, const std::vector<PhotoId>& ids,
                     absl::FunctionRef<void(PhotoRow)> use);

std::vector<Photo> ListOutdated(Connection& db, std::int32_t version,
                                int limit);
std::int64_t CountOutdated(Connection& db, std::int32_t version);

bool HasFileKey(Connection& db, std::string_view file_key);

absl::StatusOr<Photo> Apply(WriteTransaction&, const AddPhoto&);
absl::StatusOr<Photo> Apply(WriteTransaction&, const UpdatePhoto&);
absl::StatusOr<DeletePhoto::Result> Apply(WriteTransaction&,
                                          const DeletePhoto&);
absl::StatusOr<Nothing> Apply(WriteTransaction&, const ReplacePhotoFiles&);
absl::StatusOr<Nothing> Apply(WriteTransaction&, const OutdateRenditions&);

}  // namespace pinhole::store
