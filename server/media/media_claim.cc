// SPDX-License-Identifier: Apache-2.0

#include "server/media/media_claim.h"

#include <errno.h>
#include <unistd.h>

#include <string>
#include <system_error>

#include "absl/status/statusor.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/media/file.h"
#include "server/media/photo_tree.h"

namespace pinhole::media {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxBytes = 1024;

absl::StatusOr<std::string> ReadAll(const fs::path& path) {
  ASSIGN_OR_RETURN(File file, File::Open(path));
  return file.Read(kMaxBytes);
}

// Creates the file `path` at once with all of its content, unless it exists.
absl::Status Create(const fs::path& path, std::string_view content) {
  ASSIGN_OR_RETURN(const std::string random, NewPhotoKey());
  const fs::path part = fmt::format("{}.{}", path.string(), random);
  absl::StatusOr<File> file = File::Create(part);
  RETURN_IF_ERROR(file.status());
  absl::Status status = file->Append(content);
  if (status.ok()) status = file->Sync();
  if (status.ok()) status = LinkOrCopy(part, path);
  std::error_code error;
  fs::remove(part, error);
  if (!status.ok() && fs::exists(path, error)) return absl::OkStatus();
  return status;
}

}  // namespace

absl::Status ClaimFolder(const fs::path& media, std::string_view installation) {
  if (access(media.c_str(), R_OK | W_OK | X_OK) != 0) {
    return absl::FailedPreconditionError(
        fmt::format("cannot write to the photo directory {}: {}",
                    media.string(), std::generic_category().message(errno)));
  }
  const fs::path path = media / "installation";
  const std::string mine = fmt::format("{}\n", installation);
  absl::StatusOr<std::string> found = ReadAll(path);
  if (absl::IsNotFound(found.status())) {
    RETURN_IF_ERROR(Create(path, mine));
    RETURN_IF_ERROR(SyncPath(media));
    found = ReadAll(path);
  }
  RETURN_IF_ERROR(found.status());
  if (*found == mine) return absl::OkStatus();
  return absl::FailedPreconditionError(fmt::format(
      "the photo directory {} belongs to another Pinhole installation, whose "
      "database it was used with before; choose another directory, or use it "
      "with that database (if that installation no longer exists, delete {})",
      media.string(), path.string()));
}

}  // namespace pinhole::media
