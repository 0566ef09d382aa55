// SPDX-License-Identifier: Apache-2.0

#include "client/cli/commands/private_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <system_error>

#include "fmt/format.h"

namespace pinhole::cli {
namespace {

absl::Status Failed(const std::filesystem::path& path) {
  const std::string why = std::generic_category().message(errno);
  return absl::FailedPreconditionError(
      fmt::format("cannot write {}: {}", path.string(), why));
}

bool WriteAll(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return fsync(file) == 0;
}

}  // namespace

absl::Status WritePrivateFile(const std::filesystem::path& path,
                              std::string_view text) {
  std::error_code error;
  const auto folder = path.parent_path();
  if (!folder.empty() && std::filesystem::create_directories(folder, error)) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all,
                                 error);
  }
  // mkstemp creates files with mode 0600.
  std::string pattern = path.string() + ".XXXXXX";
  const int file = mkstemp(pattern.data());
  if (file < 0) return Failed(path);
  bool done = WriteAll(file, text);
  done = close(file) == 0 && done;
  done = done && rename(pattern.c_str(), path.c_str()) == 0;
  if (done) return absl::OkStatus();
  const auto failure = Failed(path);
  unlink(pattern.c_str());
  return failure;
}

}  // namespace pinhole::cli
