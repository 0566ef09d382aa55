// SPDX-License-Identifier: Apache-2.0

#include "server/media/photo_files.h"

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "base/errors.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/media/media_claim.h"
#include "server/media/picture_refusal.h"
#include "server/model/limits.h"

namespace pinhole::media {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPieceBytes = 256 << 10;

// The name of a photo's directory until it is complete.
fs::path PartOf(const fs::path& folder) {
  return fs::path(folder.string() + ".part");
}

}  // namespace

Upload::Upload(std::string key, fs::path folder, fs::path destination,
               File original)
    : key_(std::move(key)),
      folder_(std::move(folder)),
      destination_(std::move(destination)),
      original_(std::move(original)) {}

Upload::~Upload() {
  // What cannot be removed now is removed at the next start.
  RemoveTree(folder_).IgnoreError();
}

absl::Status Upload::Append(std::string_view bytes) {
  if (static_cast<std::int64_t>(bytes.size()) >
      limits::kMaxPhotoBytes - size_bytes_) {
    return MakeError(
        Reason::kTooManyBytes,
        fmt::format("the file must be at most {} bytes ({} MiB)",
                    limits::kMaxPhotoBytes, limits::kMaxPhotoBytes >> 20));
  }
  RETURN_IF_ERROR(original_.Append(bytes));
  hash_.Add(bytes);
  size_bytes_ += static_cast<std::int64_t>(bytes.size());
  return absl::OkStatus();
}

absl::Status Upload::ReadOriginal() {
  while (true) {
    ASSIGN_OR_RETURN(const std::string piece, original_.Read(kPieceBytes));
    if (piece.empty()) return absl::OkStatus();
    hash_.Add(piece);
    size_bytes_ += static_cast<std::int64_t>(piece.size());
  }
}

absl::StatusOr<PictureInfo> Upload::Render(Decoders& decoders) {
  ASSIGN_OR_RETURN(Renditions renditions,
                   decoders.Render(folder_ / kOriginalFile));
  RETURN_IF_ERROR(original_.Sync());
  DigestOf(digests_, RenditionSize::kOriginal) = hash_.Value();
  for (std::size_t i = 0; i < kRenditions.size(); ++i) {
    const auto size = static_cast<RenditionSize>(i + 1);
    const std::string& bytes = renditions.files[i];
    ASSIGN_OR_RETURN(File file, File::Create(folder_ / FileOf(size)));
    RETURN_IF_ERROR(file.Append(bytes));
    RETURN_IF_ERROR(file.Sync());
    DigestOf(digests_, size) = Sha256Of(bytes);
  }
  RETURN_IF_ERROR(SyncPath(folder_));
  return std::move(renditions.info);
}

absl::Status Upload::Publish() {
  const fs::path shard = destination_.parent_path();
  RETURN_IF_ERROR(MakeFolder(shard));
  absl::Status moved = MoveFolder(folder_, destination_);
  if (absl::IsFailedPrecondition(moved)) moved = CopyIntoPlace();
  RETURN_IF_ERROR(moved);
  RETURN_IF_ERROR(SyncPath(shard));
  // Even if the shard exists: another upload may have created it just now and
  // not synced it yet.
  return SyncPath(shard.parent_path());
}

absl::Status Upload::CopyIntoPlace() {
  const fs::path part = PartOf(destination_);
  RETURN_IF_ERROR(MakeFolder(part));
  for (const RenditionSize size : kPhotoFiles) {
    RETURN_IF_ERROR(CopyFile(folder_ / FileOf(size), part / FileOf(size)));
  }
  RETURN_IF_ERROR(SyncPath(part));
  return MoveFolder(part, destination_);
}

PhotoReader::PhotoReader(File file, std::int64_t size_bytes)
    : file_(std::move(file)), size_bytes_(size_bytes) {}

absl::StatusOr<std::string> PhotoReader::Read(std::size_t max_bytes) {
  if (offset_ >= size_bytes_) return std::string();
  // Limited to the rest of the file: a thumbnail needs no buffer of a whole
  // chunk.
  const auto left = static_cast<std::size_t>(size_bytes_ - offset_);
  ASSIGN_OR_RETURN(std::string bytes, file_.Read(std::min(max_bytes, left)));
  offset_ += static_cast<std::int64_t>(bytes.size());
  return bytes;
}

absl::Status PhotoReader::Seek(std::int64_t offset) {
  RETURN_IF_ERROR(file_.Seek(offset));
  offset_ = offset;
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<PhotoFiles>> PhotoFiles::Open(Options options) {
  RETURN_IF_ERROR(RemoveTree(options.scratch));
  for (const fs::path& folder : {options.scratch, options.media}) {
    RETURN_IF_ERROR(MakeFolder(folder));
    RETURN_IF_ERROR(SyncPath(fs::absolute(folder).parent_path()));
  }
  RETURN_IF_ERROR(ClaimFolder(options.media, options.installation));
  return std::unique_ptr<PhotoFiles>(
      new PhotoFiles(std::move(options.scratch), std::move(options.media)));
}

PhotoFiles::PhotoFiles(fs::path scratch, fs::path media)
    : scratch_(std::move(scratch)), tree_(std::move(media)) {}

absl::StatusOr<std::unique_ptr<Upload>> PhotoFiles::Begin() {
  ASSIGN_OR_RETURN(std::string key, NewPhotoKey());
  fs::path folder = scratch_ / key;
  RETURN_IF_ERROR(MakeFolder(folder));
  absl::StatusOr<File> original = File::Create(folder / kOriginalFile);
  if (!original.ok()) {
    RemoveTree(folder).IgnoreError();
    return std::move(original).status();
  }
  fs::path destination = FolderOf(key);
  return std::unique_ptr<Upload>(new Upload(std::move(key), std::move(folder),
                                            std::move(destination),
                                            *std::move(original)));
}

absl::StatusOr<std::unique_ptr<Upload>> PhotoFiles::BeginRebuild(
    std::string_view key, const PhotoDigests& digests) {
  if (!IsPhotoKey(key)) return absl::NotFoundError("no such photo file");
  ASSIGN_OR_RETURN(std::string new_key, NewPhotoKey());
  fs::path folder = scratch_ / new_key;
  RETURN_IF_ERROR(MakeFolder(folder));
  const absl::Status linked =
      LinkOrCopy(FolderOf(key) / kOriginalFile, folder / kOriginalFile);
  absl::StatusOr<File> original =
      linked.ok() ? File::Open(folder / kOriginalFile) : linked;
  if (!original.ok()) {
    RemoveTree(folder).IgnoreError();
    return std::move(original).status();
  }
  fs::path destination = FolderOf(new_key);
  std::unique_ptr<Upload> upload(
      new Upload(std::move(new_key), std::move(folder), std::move(destination),
                 *std::move(original)));
  RETURN_IF_ERROR(upload->ReadOriginal());
  if (AreKnown(digests) &&
      upload->hash_.Value() != DigestOf(digests, RenditionSize::kOriginal)) {
    return absl::DataLossError(
        fmt::format("a photo's file is damaged, its content has changed: "
                    "{}",
                    (FolderOf(key) / kOriginalFile).string()));
  }
  return upload;
}

absl::StatusOr<std::unique_ptr<PhotoReader>> PhotoFiles::OpenRendition(
    std::string_view key, RenditionSize size) const {
  if (!IsPhotoKey(key)) return absl::NotFoundError("no such photo file");
  ASSIGN_OR_RETURN(File file, File::Open(FolderOf(key) / FileOf(size)));
  ASSIGN_OR_RETURN(const std::int64_t size_bytes, file.SizeBytes());
  return std::unique_ptr<PhotoReader>(
      new PhotoReader(std::move(file), size_bytes));
}

absl::Status PhotoFiles::Remove(const std::vector<std::string>& keys) {
  std::set<fs::path> shards;
  for (const std::string& key : keys) {
    if (!IsPhotoKey(key)) {
      return absl::InvalidArgumentError("not a photo's key");
    }
    RETURN_IF_ERROR(RemoveTree(PartOf(FolderOf(key))));
    RETURN_IF_ERROR(RemoveTree(FolderOf(key)));
    shards.insert(FolderOf(key).parent_path());
  }
  // Nothing may come back after a power cut, since nobody would remove it.
  for (const fs::path& shard : shards) {
    std::error_code error;
    if (fs::exists(shard, error)) RETURN_IF_ERROR(SyncPath(shard));
  }
  return absl::OkStatus();
}

fs::path PhotoFiles::FolderOf(std::string_view key) const {
  return tree_.FolderOf(key);
}

}  // namespace pinhole::media
