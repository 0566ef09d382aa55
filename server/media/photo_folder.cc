// SPDX-License-Identifier: Apache-2.0

#include "server/media/photo_folder.h"

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "base/status_macros.h"
#include "server/media/file.h"
#include "server/media/media_claim.h"

namespace pinhole::media {
namespace {

namespace fs = std::filesystem;

// The name of a photo's directory until it is complete.
fs::path PartOf(const fs::path& folder) {
  return fs::path(folder.string() + ".part");
}

absl::Status CopyIntoPlace(const fs::path& folder, const fs::path& place) {
  const fs::path part = PartOf(place);
  RETURN_IF_ERROR(RemoveTree(part));
  RETURN_IF_ERROR(MakeFolder(part));
  for (const RenditionSize size : kPhotoFiles) {
    RETURN_IF_ERROR(CopyFile(folder / FileOf(size), part / FileOf(size)));
  }
  RETURN_IF_ERROR(SyncPath(part));
  return MoveFolder(part, place);
}

class FileReader final : public PhotoReader {
 public:
  FileReader(File file, std::int64_t size_bytes, std::int64_t offset)
      : file_(std::move(file)), size_bytes_(size_bytes), offset_(offset) {}

  std::int64_t size_bytes() const override { return size_bytes_; }

  absl::StatusOr<std::string> Read(std::size_t max_bytes) override {
    if (offset_ >= size_bytes_) return std::string();
    // Limited to the rest of the file: a thumbnail needs no buffer of a whole
    // chunk.
    const auto left = static_cast<std::size_t>(size_bytes_ - offset_);
    ASSIGN_OR_RETURN(std::string bytes, file_.Read(std::min(max_bytes, left)));
    offset_ += static_cast<std::int64_t>(bytes.size());
    return bytes;
  }

 private:
  File file_;
  const std::int64_t size_bytes_;
  std::int64_t offset_;  // Of the next byte.
};

}  // namespace

absl::StatusOr<std::unique_ptr<PhotoFolder>> PhotoFolder::Open(
    fs::path media, std::string_view installation) {
  RETURN_IF_ERROR(MakeFolder(media));
  RETURN_IF_ERROR(SyncPath(fs::absolute(media).parent_path()));
  RETURN_IF_ERROR(ClaimFolder(media, installation));
  return std::unique_ptr<PhotoFolder>(new PhotoFolder(std::move(media)));
}

absl::Status PhotoFolder::Publish(std::string_view key, const fs::path& folder,
                                  const PhotoDigests& digests) {
  if (!IsPhotoKey(key)) return absl::InvalidArgumentError("not a photo's key");
  const fs::path place = tree_.FolderOf(key);
  const fs::path shard = place.parent_path();
  RETURN_IF_ERROR(MakeFolder(shard));
  std::error_code error;
  if (fs::exists(place, error)) {
    const absl::StatusOr<PhotoDigests> published = tree_.DigestsOf(key);
    if (published.ok() && *published == digests) return absl::OkStatus();
    return absl::AlreadyExistsError(
        "another photo has been published under this key");
  }
  absl::Status moved = MoveFolder(folder, place);
  if (absl::IsFailedPrecondition(moved)) moved = CopyIntoPlace(folder, place);
  RETURN_IF_ERROR(moved);
  RETURN_IF_ERROR(SyncPath(shard));
  // Even if the shard exists: another upload may have created it just now and
  // not synced it yet.
  return SyncPath(shard.parent_path());
}

absl::StatusOr<File> PhotoFolder::OpenFile(std::string_view key,
                                           RenditionSize size) const {
  if (!IsPhotoKey(key)) return absl::NotFoundError("no such photo file");
  return File::Open(tree_.FolderOf(key) / FileOf(size));
}

absl::StatusOr<std::unique_ptr<PhotoReader>> PhotoFolder::Open(
    std::string_view key, RenditionSize size, std::int64_t offset) const {
  ASSIGN_OR_RETURN(File file, OpenFile(key, size));
  ASSIGN_OR_RETURN(const std::int64_t size_bytes, file.SizeBytes());
  RETURN_IF_ERROR(file.Seek(offset));
  return std::make_unique<FileReader>(std::move(file), size_bytes, offset);
}

absl::StatusOr<std::int64_t> PhotoFolder::SizeBytes(std::string_view key,
                                                    RenditionSize size) const {
  ASSIGN_OR_RETURN(const File file, OpenFile(key, size));
  return file.SizeBytes();
}

absl::Status PhotoFolder::FetchOriginal(std::string_view key,
                                        const fs::path& to) const {
  if (!IsPhotoKey(key)) return absl::NotFoundError("no such photo file");
  return LinkOrCopy(tree_.FolderOf(key) / kOriginalFile, to);
}

absl::Status PhotoFolder::Remove(const std::vector<std::string>& keys) {
  std::set<fs::path> shards;
  for (const std::string& key : keys) {
    if (!IsPhotoKey(key)) {
      return absl::InvalidArgumentError("not a photo's key");
    }
    const fs::path place = tree_.FolderOf(key);
    RETURN_IF_ERROR(RemoveTree(PartOf(place)));
    RETURN_IF_ERROR(RemoveTree(place));
    shards.insert(place.parent_path());
  }
  // Nothing may come back after a power cut, since nobody would remove it.
  for (const fs::path& shard : shards) {
    std::error_code error;
    if (fs::exists(shard, error)) RETURN_IF_ERROR(SyncPath(shard));
  }
  return absl::OkStatus();
}

}  // namespace pinhole::media
