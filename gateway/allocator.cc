// SPDX-License-Identifier: Apache-2.0

#include "gateway/allocator.h"

#include <malloc.h>

namespace pinhole::gateway {

void KeepMemoryOfPieces() {
  mallopt(M_MMAP_THRESHOLD, 1024 * 1024);
  mallopt(M_TRIM_THRESHOLD, 2 * 1024 * 1024);
}

}  // namespace pinhole::gateway
