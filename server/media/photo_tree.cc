// SPDX-License-Identifier: Apache-2.0

#include "server/media/photo_tree.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <system_error>

#include "fmt/format.h"
#include "server/base/status_macros.h"
#include "server/media/file.h"
#include "server/media/renditions.h"

namespace pinhole::media {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kKeyCharacters = 32;
constexpr std::size_t kPieceBytes = 256 << 10;
constexpr std::array<std::string_view, 4> kFiles = {
    kOriginalFile, kRenditions[0].file, kRenditions[1].file,
    kRenditions[2].file};

absl::Status Missing(const fs::path& file) {
  return absl::DataLossError(
      fmt::format("a photo's file is missing: {}", file.string()));
}

// Whether a second name cannot be had here, but bytes can.
bool CannotLink(int error) {
  return error == EXDEV || error == EPERM || error == EMLINK ||
         error == EOPNOTSUPP || error == EACCES;
}

absl::Status LinkOrCopy(const fs::path& from, const fs::path& to) {
  if (link(from.c_str(), to.c_str()) == 0) return absl::OkStatus();
  const int error = errno;
  if (CannotLink(error)) return CopyFile(from, to);
  if (error == ENOENT) return absl::NotFoundError("no such file");
  const std::string text = fmt::format("cannot make {}: {}", to.string(),
                                       std::generic_category().message(error));
  if (error == ENOSPC || error == EDQUOT) {
    return absl::ResourceExhaustedError(text);
  }
  return absl::UnavailableError(text);
}

}  // namespace

bool IsPhotoKey(std::string_view text) {
  return text.size() == kKeyCharacters &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

fs::path PhotoTree::FolderOf(std::string_view key) const {
  return root_ / key.substr(0, 2) / key;
}

absl::StatusOr<std::int64_t> PhotoTree::Check(std::string_view key,
                                              std::int64_t size_bytes) const {
  if (!IsPhotoKey(key)) return absl::DataLossError("a photo without a key");
  std::int64_t total = 0;
  for (const std::string_view name : kFiles) {
    const fs::path file = FolderOf(key) / name;
    struct stat about {};
    if (lstat(file.c_str(), &about) != 0 || !S_ISREG(about.st_mode)) {
      return Missing(file);
    }
    const bool good =
        name == kOriginalFile ? about.st_size == size_bytes : about.st_size > 0;
    if (!good) {
      return absl::DataLossError(
          fmt::format("a photo's file has the wrong size, {} bytes: {}",
                      static_cast<std::int64_t>(about.st_size), file.string()));
    }
    total += about.st_size;
  }
  return total;
}

absl::Status PhotoTree::CopyFrom(const PhotoTree& from, std::string_view key,
                                 CopyKind kind) const {
  if (!IsPhotoKey(key)) return absl::DataLossError("a photo without a key");
  const fs::path folder = FolderOf(key);
  RETURN_IF_ERROR(MakeFolder(folder.parent_path()));
  RETURN_IF_ERROR(MakeFolder(folder));
  for (const std::string_view name : kFiles) {
    const fs::path source = from.FolderOf(key) / name;
    const absl::Status copied = kind == CopyKind::kLinkIfPossible
                                    ? LinkOrCopy(source, folder / name)
                                    : CopyFile(source, folder / name);
    if (absl::IsNotFound(copied)) return Missing(source);
    RETURN_IF_ERROR(copied);
  }
  return absl::OkStatus();
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
