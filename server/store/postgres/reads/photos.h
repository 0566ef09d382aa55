// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "server/model/photo.h"
#include "server/store/postgres/db/result.h"
#include "server/store/postgres/reads/visibility.h"

namespace pinhole::postgres {

// The columns of a photo `p` with the owner `o` that do not depend on the
// viewer, and all columns as the viewer $1 sees them, which require kWithViewer
// (visibility.h).
inline constexpr std::string_view kPhotoRowColumns =
    "p.id, p.owner_id, o.handle, p.file_key, p.caption, p.alt_text, "
    "p.visibility, p.create_time, p.width, p.height, p.size_bytes, "
    "p.content_type, p.rendition_version, p.digests";
std::string PhotoColumns(Viewers viewers = Viewers::kAll);

// The first tables of a query: the photo `p` with the id $2 and its owner `o`.
inline constexpr std::string_view kOnePhoto =
    "photo_owners d CROSS JOIN LATERAL (SELECT * FROM photos "
    "WHERE owner_id = d.owner_id AND id = d.photo_id OFFSET 0) p "
    "CROSS JOIN LATERAL "
    "(SELECT handle FROM users WHERE id = p.owner_id OFFSET 0) o ";

// A statement for the photos whose owner and id the query `page` selects (as
// `owner_id` and `id`, at most a page), as the viewer sees them, by id in
// `order` ("ASC" or "DESC").  `with` has the queries before it.
std::string ShowPhotos(Viewers viewers, std::string_view with,
                       std::string_view page, std::string_view order);

// Reads a row with all columns of a photo; nullopt if the row has no photo, or
// one whose owner is being deleted.
std::optional<Photo> ReadPhoto(const Row& row);
std::vector<Photo> ReadPhotos(const Result& result);

absl::Status NoSuchPhoto();

}  // namespace pinhole::postgres
