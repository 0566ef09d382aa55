// SPDX-License-Identifier: Apache-2.0

#include "tests/faults/disk/journal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

namespace pinhole::faults {
namespace {

constexpr std::uint32_t kMagic = 0x4A4E4C50;

struct Header {
  std::uint32_t magic = kMagic;
  std::uint32_t change = 0;
  std::int64_t time_ns = 0;
  std::uint64_t inode = 0;
  std::int64_t offset = 0;
  std::uint32_t path_bytes = 0;
  std::uint32_t data_bytes = 0;
};

// The clock of Python's time.monotonic_ns().
std::int64_t Now() {
  struct timespec now {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

iovec Part(const void* bytes, std::size_t size) {
  return {const_cast<void*>(bytes), size};
}

}  // namespace

Journal::Journal(const char* path)
    : file_(path == nullptr
                ? -1
                : syscall(SYS_openat, AT_FDCWD, path,
                          O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {}

void Journal::Add(Change change, const Entry& entry) {
  if (file_ < 0) return;
  Header header;
  header.change = static_cast<std::uint32_t>(change);
  header.time_ns = Now();
  header.inode = entry.inode;
  header.offset = entry.offset;
  header.path_bytes = static_cast<std::uint32_t>(entry.path.size());
  header.data_bytes = static_cast<std::uint32_t>(entry.data.size());
  const iovec parts[] = {Part(&header, sizeof(header)),
                         Part(entry.path.data(), entry.path.size()),
                         Part(entry.data.data(), entry.data.size())};
  const auto size =
      static_cast<long>(sizeof(header) + entry.path.size() + entry.data.size());
  // In one call, so that a kill leaves whole records.
  if (syscall(SYS_writev, file_, parts, 3) != size) {
    fprintf(stderr, "fault journal: cannot write\n");
    abort();
  }
}

}  // namespace pinhole::faults
