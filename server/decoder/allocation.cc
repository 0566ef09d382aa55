// SPDX-License-Identifier: Apache-2.0

#include "server/decoder/allocation.h"

#include <errno.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>

#include "server/decoder/sanitized.h"
#include "server/media/decoder_protocol.h"

namespace {

std::atomic<bool> end_when_allocation_fails = false;

}  // namespace

#ifndef PINHOLE_SANITIZED

// These replace the C library's functions in the whole process and forward to
// the names that it exports for this purpose.
// NOLINTBEGIN(bugprone-reserved-identifier): the names are the C library's.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
}
// NOLINTEND(bugprone-reserved-identifier)

namespace {

void* Checked(void* block) {
  if (block == nullptr && end_when_allocation_fails) {
    _exit(pinhole::media::kDecoderOutOfMemory);
  }
  return block;
}

}  // namespace

extern "C" {
void* malloc(std::size_t size) { return Checked(__libc_malloc(size)); }
void* calloc(std::size_t count, std::size_t size) {
  return Checked(__libc_calloc(count, size));
}
void* realloc(void* block, std::size_t size) {
  void* const moved = __libc_realloc(block, size);
  return size == 0 ? moved : Checked(moved);  // 0 frees the block.
}
void* memalign(std::size_t alignment, std::size_t size) {
  return Checked(__libc_memalign(alignment, size));
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return Checked(__libc_memalign(alignment, size));
}
int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
  *block = Checked(__libc_memalign(alignment, size));
  return *block == nullptr ? ENOMEM : 0;
}
}

#endif  // PINHOLE_SANITIZED

namespace pinhole::decoder {

void EndWhenAllocationFails() { end_when_allocation_fails = true; }

}  // namespace pinhole::decoder
