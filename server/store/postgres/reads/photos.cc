// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/reads/photos.h"

#include <cstring>
#include <utility>

#include "base/errors.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/store/postgres/reads/page.h"
#include "server/store/postgres/reads/postgres_reader.h"
#include "server/store/postgres/reads/statements.h"
#include "server/store/postgres/reads/users.h"
#include "server/store/postgres/reads/visibility.h"

namespace pinhole::postgres {
namespace {

// The number of photos that a page of recent photos examines at most.  Photos
// that a block hides from the viewer are skipped, so a page can end before it
// is full.
constexpr int kMaxExamined = 5000;

const Statement kFind(
    fmt::format("{}SELECT {} FROM {} "
                "WHERE d.photo_id = $2 AND {}",
                kWithViewer, PhotoColumns(), kOnePhoto, Visible()));

// The last column is set if a block concerns the viewer; the answer is then
// that of the statement above.
const Statement kFindWithoutBlocks(
    fmt::format("SELECT {}, {} FROM {} WHERE d.photo_id = $2 AND {}",
                PhotoColumns(Viewers::kWithoutBlocks), kHasBlocks, kOnePhoto,
                Visible(Viewers::kWithoutBlocks)));

// One row without a photo if there are none; no row if the viewer does not see
// the owner.
const Statement kListOfOwner(fmt::format(
    "{with}SELECT {columns} FROM (SELECT id, handle, {reach} AS reach "
    "FROM users WHERE id = $2 AND NOT {apart} OFFSET 0) o "
    "LEFT JOIN LATERAL (SELECT * FROM photos WHERE owner_id = o.id "
    "AND id < $3 AND visibility <= o.reach ORDER BY id DESC LIMIT $4) p ON true"
    " ORDER BY p.id DESC",
    fmt::arg("with", kWithViewer), fmt::arg("columns", PhotoColumns()),
    fmt::arg("reach", Reach("users.id")),
    fmt::arg("apart", SeparatedByBlock("users.id"))));

// The last column is the id of the last photo that was examined, if the page
// is not full although there may be more; otherwise 0.  One row without a photo
// if there are none.
const Statement kListRecent(fmt::format(
    "{with}, page AS MATERIALIZED (SELECT recent.owner_id, recent.id FROM "
    "(SELECT owner_id, id FROM photos WHERE visibility = {public} AND id < $2 "
    "ORDER BY id DESC LIMIT {examined}) recent WHERE NOT {apart} "
    "ORDER BY recent.id DESC LIMIT $3) "
    "SELECT {columns}, rest.id FROM (SELECT "
    "CASE WHEN (SELECT count(*) FROM page) = $3 THEN 0 ELSE coalesce("
    "(SELECT id FROM photos WHERE visibility = {public} AND id < $2 "
    "ORDER BY id DESC OFFSET {examined} - 1 LIMIT 1), 0) END AS id) rest "
    "LEFT JOIN page ON true "
    "LEFT JOIN LATERAL (SELECT * FROM photos WHERE owner_id = page.owner_id "
    "AND id = page.id OFFSET 0) p ON true "
    "LEFT JOIN LATERAL "
    "(SELECT handle FROM users WHERE id = p.owner_id OFFSET 0) o ON true "
    "ORDER BY page.id DESC",
    fmt::arg("with", kWithViewer), fmt::arg("columns", PhotoColumns()),
    fmt::arg("public", static_cast<int>(Visibility::kPublic)),
    fmt::arg("examined", kMaxExamined),
    fmt::arg("apart", SeparatedByBlock("recent.owner_id"))));

// The number of columns of a photo.
constexpr int kColumns = 17;

PhotoDigests ToDigests(std::string_view bytes) {
  PhotoDigests digests = {};
  if (bytes.size() == sizeof(digests)) {
    std::memcpy(digests.data(), bytes.data(), bytes.size());
  }
  return digests;
}

}  // namespace

Statements PhotoStatements() {
  return {
      {"FindPhoto", &kFind, DistributionKey::kOwner},
      {"FindPhoto, without blocks", &kFindWithoutBlocks,
       DistributionKey::kOwner},
      {"ListPhotos", &kListOfOwner, DistributionKey::kOwner},
      {"ListRecentPhotos", &kListRecent, DistributionKey::kEveryUser},
  };
}

absl::Status NoSuchPhoto() {
  return MakeError(Reason::kPhotoNotFound, "there is no such photo");
}

std::string PhotoColumns(Viewers viewers) {
  return fmt::format(
      "{}, {}, {}, ((SELECT true FROM likes WHERE user_id = $1 "
      "AND owner_id = p.owner_id AND photo_id = p.id) IS NOT NULL)",
      kPhotoRowColumns, LikeCount(viewers), CommentCount(viewers));
}

std::string ShowPhotos(Viewers viewers, std::string_view with,
                       std::string_view page, std::string_view order) {
  return fmt::format(
      "{} SELECT {} FROM ({}) page CROSS JOIN LATERAL (SELECT * FROM photos "
      "WHERE owner_id = page.owner_id AND id = page.id OFFSET 0) p "
      "LEFT JOIN LATERAL "
      "(SELECT handle FROM users WHERE id = p.owner_id OFFSET 0) o ON true "
      "ORDER BY page.id {}",
      with, PhotoColumns(viewers), page, order);
}

std::optional<Photo> ReadPhoto(const Row& row) {
  if (row.IsNull(0) || row.IsNull(2)) return std::nullopt;
  Photo photo;
  photo.id = PhotoId{row.Int(0)};
  photo.owner = UserId{row.Int(1)};
  photo.owner_handle = row.Text(2);
  photo.file_key = row.Text(3);
  photo.caption = row.Text(4);
  photo.alt_text = row.Text(5);
  photo.visibility = static_cast<Visibility>(row.Int(6));
  photo.create_time = row.Time(7);
  photo.width = row.Int32(8);
  photo.height = row.Int32(9);
  photo.size_bytes = row.Int(10);
  photo.content_type = row.Text(11);
  photo.rendition_version = row.Int32(12);
  photo.digests = ToDigests(row.View(13));
  photo.like_count = row.Int32(14);
  photo.comment_count = row.Int32(15);
  photo.liked = row.Bool(16);
  return photo;
}

std::vector<Photo> ReadPhotos(const Result& result) {
  std::vector<Photo> photos;
  for (const Row row : result) {
    if (auto photo = ReadPhoto(row)) photos.push_back(*std::move(photo));
  }
  return photos;
}

absl::StatusOr<Photo> PostgresReader::FindPhoto(UserId viewer,
                                                PhotoId photo) const {
  ASSIGN_OR_RETURN(Result found, db_.Query(kFindWithoutBlocks, viewer, photo));
  if (!found.empty() && found[0].Bool(kColumns)) {
    ASSIGN_OR_RETURN(found, db_.Query(kFind, viewer, photo));
  }
  if (found.empty()) return NoSuchPhoto();
  return *ReadPhoto(found[0]);
}

absl::StatusOr<Page<Photo>> PostgresReader::ListPhotos(UserId viewer,
                                                       UserId owner,
                                                       PageRequest page) const {
  ASSIGN_OR_RETURN(const Result found, db_.Query(kListOfOwner, viewer, owner,
                                                 Below(page), RowsFor(page)));
  if (found.empty()) return NoSuchUser();
  return ReadPage<Photo>(found, page.limit, ReadPhoto);
}

absl::StatusOr<Page<Photo>> PostgresReader::ListRecentPhotos(
    UserId viewer, PageRequest page) const {
  ASSIGN_OR_RETURN(const Result found,
                   db_.Query(kListRecent, viewer, Below(page), RowsFor(page)));
  Page<Photo> shown = ReadPage<Photo>(found, page.limit, ReadPhoto);
  if (shown.next == 0) shown.next = found[0].Int(kColumns);
  return shown;
}

}  // namespace pinhole::postgres
