// SPDX-License-Identifier: Apache-2.0

#include "server/store/sqlite/file/recovered_log.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "fmt/format.h"

namespace pinhole::store {
namespace {

constexpr std::size_t kChunkBytes = 1 << 20;
constexpr std::size_t kHeadBytes = 32;
constexpr std::size_t kHeadSumAt = 24;
constexpr std::uint32_t kMagic = 0x377f0682;  // Plus 1: big-endian checksums.

std::uint32_t BigEndian(std::string_view bytes, std::size_t at) {
  std::uint32_t word = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    word = word << 8 | static_cast<unsigned char>(bytes[at + i]);
  }
  return word;
}

// Whether the log has a valid header (https://sqlite.org/fileformat.html), or
// none: power can be lost before the first sync, which the first commit awaits.
bool HeadIsWhole(std::string_view log) {
  if (log.size() < kHeadBytes) return true;
  const std::string_view head = log.substr(0, kHeadBytes);
  if (head.find_first_not_of('\0') == head.npos) return true;
  if ((BigEndian(head, 0) & ~1u) != kMagic) return false;
  const bool big_endian = (BigEndian(head, 0) & 1) != 0;
  const auto word = [head, big_endian](std::size_t at) {
    const std::uint32_t value = BigEndian(head, at);
    return big_endian ? value : __builtin_bswap32(value);
  };
  std::uint32_t first = 0;
  std::uint32_t second = 0;
  for (std::size_t at = 0; at < kHeadSumAt; at += 8) {
    first += word(at) + second;
    second += word(at + 4) + first;
  }
  return first == BigEndian(head, kHeadSumAt) &&
         second == BigEndian(head, kHeadSumAt + 4);
}

absl::Status Failed(const char* doing) {
  return absl::UnavailableError(
      fmt::format("cannot {} the write-ahead log of the database: {}", doing,
                  std::generic_category().message(errno)));
}

}  // namespace

absl::Status MakeLogDurable(const std::filesystem::path& database) {
  const std::string path = database.string() + "-wal";
  const int file = open(path.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC);
  if (file < 0 && errno == ENOENT) return absl::OkStatus();
  if (file < 0) return Failed("open");
  // SQLite holds no locks on the log that closing the file would release.
  const auto closing = absl::MakeCleanup([file] { close(file); });
  std::string chunk(kChunkBytes, '\0');
  off_t at = 0;
  while (true) {
    const ssize_t got = pread(file, chunk.data(), chunk.size(), at);
    if (got < 0) return Failed("read");
    if (got == 0) break;
    if (at == 0 &&
        !HeadIsWhole({chunk.data(), static_cast<std::size_t>(got)})) {
      return absl::DataLossError(fmt::format(
          "{} is damaged; restore a backup, or move this file away to continue "
          "without the latest writes",
          path));
    }
    // Writing the same bytes marks the pages as dirty, so that the sync
    // includes them.
    const ssize_t put =
        pwrite(file, chunk.data(), static_cast<std::size_t>(got), at);
    if (put < 0) return Failed("write");
    at += put;
  }
  return fdatasync(file) == 0 ? absl::OkStatus() : Failed("sync");
}

}  // namespace pinhole::store
