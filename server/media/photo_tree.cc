// SPDX-License-Identifier: Apache-2.0

#include "server/media/photo_tree.h"

#include <errno.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <system_error>

#include "base/errors.h"
#include "base/status_macros.h"
#include "fmt/format.h"

namespace pinhole::media {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kKeyCharacters = 32;
constexpr std::size_t kShardCharacters = 2;
constexpr std::size_t kPieceBytes = 256 << 10;

absl::Status Missing(const fs::path& file) {
  return absl::DataLossError(
      fmt::format("a photo's file is missing: {}", file.string()));
}

// Whether links are impossible here but copies may work.
bool CannotLink(int error) {
  return error == EXDEV || error == EPERM || error == EMLINK ||
         error == EOPNOTSUPP || error == EACCES;
}

std::size_t IndexOf(RenditionSize size) {
  return static_cast<std::size_t>(size) - 1;
}

}  // namespace

bool IsPhotoKey(std::string_view text) {
  return text.size() == kKeyCharacters &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

absl::StatusOr<std::string> NewPhotoKey() {
  std::array<unsigned char, kKeyCharacters / 2> random{};
  if (getrandom(random.data(), random.size(), 0) !=
      static_cast<ssize_t>(random.size())) {
    return MakeError(Reason::kStorageUnavailable,
                     "the system provides no random numbers");
  }
  std::string key;
  for (const unsigned char byte : random) key += fmt::format("{:02x}", byte);
  return key;
}

fs::path PhotoTree::FolderOf(std::string_view key) const {
  return root_ / key.substr(0, kShardCharacters) / key;
}

bool PhotoTree::HasPhotos() const {
  std::error_code error;
  fs::directory_iterator it(root_, error);
  for (; !error && it != fs::directory_iterator(); it.increment(error)) {
    // The directory of a shard stays when its photos are removed.
    if (it->path().filename().native().size() == kShardCharacters) return true;
  }
  return false;
}

absl::StatusOr<std::int64_t> PhotoTree::Check(std::string_view key,
                                              std::int64_t size_bytes) const {
  if (!IsPhotoKey(key))
    return absl::DataLossError("a photo has no valid file key");
  std::int64_t total = 0;
  for (const RenditionSize size : kPhotoFiles) {
    const fs::path file = FolderOf(key) / FileOf(size);
    struct stat about {};
    if (lstat(file.c_str(), &about) != 0 || !S_ISREG(about.st_mode)) {
      return Missing(file);
    }
    const bool good = size == RenditionSize::kOriginal
                          ? about.st_size == size_bytes
                          : about.st_size > 0;
    if (!good) {
      return absl::DataLossError(
          fmt::format("a photo's file has the wrong size, {} bytes: {}",
                      static_cast<std::int64_t>(about.st_size), file.string()));
    }
    total += about.st_size;
  }
  return total;
}

absl::StatusOr<std::int64_t> PhotoTree::CheckBytes(
    std::string_view key, std::int64_t size_bytes,
    const PhotoDigests& digests) const {
  ASSIGN_OR_RETURN(const std::int64_t total, Check(key, size_bytes));
  if (!AreKnown(digests)) return total;
  ASSIGN_OR_RETURN(const PhotoDigests found, DigestsOf(key));
  for (const RenditionSize size : kPhotoFiles) {
    if (DigestOf(found, size) == DigestOf(digests, size)) continue;
    return absl::DataLossError(
        fmt::format("a photo's file is damaged, its content has changed: "
                    "{}",
                    (FolderOf(key) / FileOf(size)).string()));
  }
  return total;
}

absl::StatusOr<PhotoDigests> PhotoTree::DigestsOf(std::string_view key) const {
  PhotoDigests digests;
  for (const RenditionSize size : kPhotoFiles) {
    const fs::path path = FolderOf(key) / FileOf(size);
    absl::StatusOr<File> file = File::Open(path);
    if (absl::IsNotFound(file.status())) return Missing(path);
    if (!file.ok()) return std::move(file).status();
    ASSIGN_OR_RETURN(DigestOf(digests, size), ReadDigest(*file));
  }
  return digests;
}

absl::Status PhotoTree::CopyFrom(const PhotoTree& from, std::string_view key,
                                 CopyKind kind) const {
  if (!IsPhotoKey(key))
    return absl::DataLossError("a photo has no valid file key");
  const fs::path folder = FolderOf(key);
  RETURN_IF_ERROR(MakeFolder(folder.parent_path()));
  RETURN_IF_ERROR(MakeFolder(folder));
  for (const RenditionSize size : kPhotoFiles) {
    const std::string_view name = FileOf(size);
    const fs::path source = from.FolderOf(key) / name;
    const absl::Status copied = kind == CopyKind::kLinkIfPossible
                                    ? LinkOrCopy(source, folder / name)
                                    : CopyFile(source, folder / name);
    if (absl::IsNotFound(copied)) return Missing(source);
    RETURN_IF_ERROR(copied);
  }
  return absl::OkStatus();
}

std::string_view FileOf(RenditionSize size) {
  if (size == RenditionSize::kOriginal) return kOriginalFile;
  return kRenditions[static_cast<std::size_t>(size) - 1].file;
}

Digest& DigestOf(PhotoDigests& digests, RenditionSize size) {
  return digests[IndexOf(size)];
}

const Digest& DigestOf(const PhotoDigests& digests, RenditionSize size) {
  return digests[IndexOf(size)];
}

absl::StatusOr<Digest> ReadDigest(File& file) {
  Sha256 hash;
  while (true) {
    ASSIGN_OR_RETURN(const std::string piece, file.Read(kPieceBytes));
    if (piece.empty()) return hash.Value();
    hash.Add(piece);
  }
}

absl::Status LinkOrCopy(const fs::path& from, const fs::path& to) {
  if (link(from.c_str(), to.c_str()) == 0) return absl::OkStatus();
  const int error = errno;
  if (CannotLink(error)) return CopyFile(from, to);
  if (error == ENOENT) return absl::NotFoundError("no such file");
  const std::string text = fmt::format("cannot create {}: {}", to.string(),
                                       std::generic_category().message(error));
  if (error == ENOSPC || error == EDQUOT) {
    return MakeError(Reason::kDiskFull, text);
  }
  return MakeError(Reason::kStorageUnavailable, text);
}

absl::Status CopyFile(const fs::path& from, const fs::path& to) {
  ASSIGN_OR_RETURN(File source, File::Open(from));
  ASSIGN_OR_RETURN(File copy, File::Create(to));
  while (true) {
    ASSIGN_OR_RETURN(const std::string piece, source.Read(kPieceBytes));
    if (piece.empty()) return copy.Sync();
    RETURN_IF_ERROR(copy.Append(piece));
  }
}

}  // namespace pinhole::media
