// SPDX-License-Identifier: Apache-2.0

#include "server/media/photo_files.h"

#include <utility>

#include "base/errors.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/media/picture_refusal.h"
#include "server/model/limits.h"

namespace pinhole::media {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPieceBytes = 256 << 10;

}  // namespace

Upload::Upload(std::string key, fs::path folder, PhotoStore& photos,
               File original)
    : key_(std::move(key)),
      folder_(std::move(folder)),
      photos_(photos),
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
  return photos_.Publish(key_, folder_, digests_);
}

absl::StatusOr<std::unique_ptr<PhotoFiles>> PhotoFiles::Open(
    fs::path scratch, std::unique_ptr<PhotoStore> photos) {
  RETURN_IF_ERROR(RemoveTree(scratch));
  RETURN_IF_ERROR(MakeFolder(scratch));
  RETURN_IF_ERROR(SyncPath(fs::absolute(scratch).parent_path()));
  return std::unique_ptr<PhotoFiles>(
      new PhotoFiles(std::move(scratch), std::move(photos)));
}

PhotoFiles::PhotoFiles(fs::path scratch, std::unique_ptr<PhotoStore> photos)
    : scratch_(std::move(scratch)), photos_(std::move(photos)) {}

absl::StatusOr<std::unique_ptr<Upload>> PhotoFiles::Begin() {
  ASSIGN_OR_RETURN(std::string key, NewPhotoKey());
  fs::path folder = scratch_ / key;
  RETURN_IF_ERROR(MakeFolder(folder));
  absl::StatusOr<File> original = File::Create(folder / kOriginalFile);
  if (!original.ok()) {
    RemoveTree(folder).IgnoreError();
    return std::move(original).status();
  }
  return std::unique_ptr<Upload>(new Upload(std::move(key), std::move(folder),
                                            *photos_, *std::move(original)));
}

absl::StatusOr<std::unique_ptr<Upload>> PhotoFiles::BeginRebuild(
    std::string_view key, const PhotoDigests& digests) {
  ASSIGN_OR_RETURN(std::string new_key, NewPhotoKey());
  fs::path folder = scratch_ / new_key;
  RETURN_IF_ERROR(MakeFolder(folder));
  const absl::Status fetched =
      photos_->FetchOriginal(key, folder / kOriginalFile);
  absl::StatusOr<File> original =
      fetched.ok() ? File::Open(folder / kOriginalFile) : fetched;
  if (!original.ok()) {
    RemoveTree(folder).IgnoreError();
    return std::move(original).status();
  }
  std::unique_ptr<Upload> upload(new Upload(
      std::move(new_key), std::move(folder), *photos_, *std::move(original)));
  RETURN_IF_ERROR(upload->ReadOriginal());
  if (AreKnown(digests) &&
      upload->hash_.Value() != DigestOf(digests, RenditionSize::kOriginal)) {
    return absl::DataLossError(
        fmt::format("a photo's file is damaged, its content has changed: "
                    "{}/{}",
                    key, kOriginalFile));
  }
  return upload;
}

absl::StatusOr<PhotoDigests> PhotoFiles::DigestsOf(std::string_view key) const {
  PhotoDigests digests;
  for (const RenditionSize size : kPhotoFiles) {
    absl::StatusOr<std::unique_ptr<PhotoReader>> reader =
        photos_->Open(key, size, 0);
    if (absl::IsNotFound(reader.status())) {
      return absl::DataLossError(
          fmt::format("a photo's file is missing: {}/{}", key, FileOf(size)));
    }
    if (!reader.ok()) return std::move(reader).status();
    Sha256 hash;
    while (true) {
      ASSIGN_OR_RETURN(const std::string piece, (*reader)->Read(kPieceBytes));
      if (piece.empty()) break;
      hash.Add(piece);
    }
    DigestOf(digests, size) = hash.Value();
  }
  return digests;
}

}  // namespace pinhole::media
