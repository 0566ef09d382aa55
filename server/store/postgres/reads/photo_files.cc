// SPDX-License-Identifier: Apache-2.0

// Reads for upkeep: files, renditions and the newest photo.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/store/postgres/reads/photos.h"
#include "server/store/postgres/reads/postgres_reader.h"
#include "server/store/postgres/reads/statements.h"

namespace pinhole::postgres {
namespace {

const Statement kLatest("SELECT coalesce(max(photo_id), 0) FROM photo_owners");

// The index photos_by_rendition_version has the order; no row is sorted.
const Statement kListOutdated(fmt::format(
    "SELECT {}, p.like_count - p.hidden_like_count, "
    "p.comment_count - p.hidden_comment_count, false "
    "FROM (SELECT * FROM photos WHERE rendition_version < $1 "
    "ORDER BY rendition_version, id DESC LIMIT $2) p LEFT JOIN LATERAL "
    "(SELECT handle FROM users WHERE id = p.owner_id OFFSET 0) o ON true "
    "ORDER BY p.rendition_version, p.id DESC",
    kPhotoRowColumns));

const Statement kCountOutdated(
    "SELECT count(*) FROM photos WHERE rendition_version < $1");

const Statement kHasFileKey("SELECT true FROM photos WHERE file_key = $1");

const Statement kListGarbage(
    "SELECT file_key FROM garbage ORDER BY file_key LIMIT $1");

}  // namespace

Statements PhotoFileStatements() {
  return {
      {"LatestPhoto", &kLatest, DistributionKey::kDirectory},
      {"ListOutdated", &kListOutdated, DistributionKey::kEveryUser},
      {"CountOutdated", &kCountOutdated, DistributionKey::kEveryUser},
      {"HasFileKey", &kHasFileKey, DistributionKey::kEveryUser},
      {"ListGarbage", &kListGarbage, DistributionKey::kDirectory},
  };
}

absl::StatusOr<PhotoId> PostgresReader::LatestPhoto() const {
  ASSIGN_OR_RETURN(const Result found, db_.Query(kLatest));
  return PhotoId{found[0].Int(0)};
}

absl::StatusOr<std::vector<Photo>> PostgresReader::ListOutdated(
    std::int32_t version, int limit) const {
  ASSIGN_OR_RETURN(const Result found,
                   db_.Query(kListOutdated, version, std::int64_t{limit}));
  return ReadPhotos(found);
}

absl::StatusOr<std::int64_t> PostgresReader::CountOutdated(
    std::int32_t version) const {
  ASSIGN_OR_RETURN(const Result found, db_.Query(kCountOutdated, version));
  return found[0].Int(0);
}

absl::StatusOr<bool> PostgresReader::HasFileKey(
    std::string_view file_key) const {
  ASSIGN_OR_RETURN(const Result found, db_.Query(kHasFileKey, file_key));
  return !found.empty();
}

absl::StatusOr<std::vector<std::string>> PostgresReader::ListGarbage(
    int limit) const {
  ASSIGN_OR_RETURN(const Result found,
                   db_.Query(kListGarbage, std::int64_t{limit}));
  std::vector<std::string> keys;
  for (const Row row : found) keys.push_back(row.Text(0));
  return keys;
}

}  // namespace pinhole::postgres
