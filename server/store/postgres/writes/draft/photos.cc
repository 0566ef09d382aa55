// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/writes/draft/photos.h"

namespace pinhole::postgres {
namespace {

Bytes ToBytes(const PhotoDigests& digests) {
  if (!AreKnown(digests)) return Bytes{""};
  return Bytes{
      {reinterpret_cast<const char*>(digests.front().data()), sizeof(digests)}};
}

}  // namespace

void Photos::LockPublishing(Pipeline& pipeline) {
  // Also counts photos that have been deleted since.
  static const Statement kLock(
      "SELECT last_photo_id FROM meta FOR NO KEY UPDATE");
  if (publishes_) publishing_ = pipeline.Add(kLock);
}

void Photos::Lock(Pipeline& pipeline) {
  static const Statement kLock(
      "SELECT p.id, p.owner_id, p.visibility, p.like_count, "
      "p.hidden_like_count FROM photo_owners o CROSS JOIN photos p "
      "WHERE o.photo_id = ANY($1::bigint[]) "
      "AND p.owner_id = o.owner_id AND p.id = o.photo_id "
      "ORDER BY o.photo_id FOR NO KEY UPDATE OF p");
  if (wanted_.empty()) return;
  locked_ =
      pipeline.Add(kLock, std::vector<PhotoId>(wanted_.begin(), wanted_.end()));
}

void Photos::Read(const std::vector<Result>& results) {
  if (publishes_) latest_ = results[publishing_][0].Int(0);
  if (wanted_.empty()) return;
  for (const pinhole::postgres::Row row : results[locked_]) {
    rows_[PhotoId{row.Int(0)}] =
        Row{.owner = UserId{row.Int(1)},
            .visibility = static_cast<Visibility>(row.Int(2)),
            .like_count = row.Int32(3),
            .hidden_like_count = row.Int32(4)};
  }
}

const Photos::Row* Photos::Find(PhotoId photo) const {
  const auto found = rows_.find(photo);
  return found == rows_.end() ? nullptr : &found->second;
}

void Photos::Add(const Photo& photo) {
  latest_ = photo.id.value;
  added_.push_back(photo);
}

void Photos::Save(Pipeline& pipeline, absl::Time now) const {
  static const Statement kInsert(
      "INSERT INTO photos (owner_id, id, visibility, create_time, width, "
      "height, size_bytes, content_type, file_key, caption, alt_text, "
      "rendition_version, digests) "
      "SELECT owner_id, id, visibility, $13, width, height, size_bytes, "
      "content_type, file_key, caption, alt_text, rendition_version, digests "
      "FROM unnest($1::bigint[], $2::bigint[], $3::integer[], $4::integer[], "
      "$5::integer[], $6::bigint[], $7::text[], $8::text[], $9::text[], "
      "$10::text[], $11::integer[], $12::bytea[]) AS w(owner_id, id, "
      "visibility, width, height, size_bytes, content_type, file_key, caption, "
      "alt_text, rendition_version, digests)");
  static const Statement kInsertOwners(
      "INSERT INTO photo_owners (photo_id, owner_id) "
      "SELECT * FROM unnest($1::bigint[], $2::bigint[])");
  static const Statement kLatest("UPDATE meta SET last_photo_id = $1");
  static const Statement kUploaded(
      "DELETE FROM uploads WHERE file_key = ANY($1::text[])");
  static const Statement kNotify("SELECT pg_notify('pinhole_photos', '')");
  SaveCounts(pipeline);
  if (added_.empty()) return;
  std::vector<UserId> owners;
  std::vector<PhotoId> ids;
  std::vector<std::int32_t> visibilities, widths, heights, versions;
  std::vector<std::int64_t> sizes;
  std::vector<std::string_view> types, keys, captions, alt_texts;
  std::vector<Bytes> digests;
  for (const Photo& photo : added_) {
    owners.push_back(photo.owner);
    ids.push_back(photo.id);
    visibilities.push_back(static_cast<std::int32_t>(photo.visibility));
    widths.push_back(photo.width);
    heights.push_back(photo.height);
    sizes.push_back(photo.size_bytes);
    types.push_back(photo.content_type);
    keys.push_back(photo.file_key);
    captions.push_back(photo.caption);
    alt_texts.push_back(photo.alt_text);
    versions.push_back(photo.rendition_version);
    digests.push_back(ToBytes(photo.digests));
  }
  pipeline.Add(kInsert, owners, ids, visibilities, widths, heights, sizes,
               types, keys, captions, alt_texts, versions, digests, now);
  pipeline.Add(kInsertOwners, ids, owners);
  pipeline.Add(kLatest, latest_);
  pipeline.Add(kUploaded, keys);
  pipeline.Add(kNotify);
}

void Photos::SaveCounts(Pipeline& pipeline) const {
  static const Statement kCount(
      "UPDATE photos p SET like_count = p.like_count + w.likes, "
      "comment_count = p.comment_count + w.comments "
      "FROM unnest($1::bigint[], $2::bigint[], $3::integer[], $4::integer[]) "
      "AS w(owner_id, id, likes, comments) "
      "WHERE p.owner_id = w.owner_id AND p.id = w.id");
  std::vector<UserId> owners;
  std::vector<PhotoId> ids;
  std::vector<std::int32_t> likes, comments;
  for (const auto& [id, change] : changes_) {
    owners.push_back(rows_.at(id).owner);
    ids.push_back(id);
    likes.push_back(change.likes);
    comments.push_back(change.comments);
  }
  if (!ids.empty()) pipeline.Add(kCount, owners, ids, likes, comments);
}

}  // namespace pinhole::postgres
