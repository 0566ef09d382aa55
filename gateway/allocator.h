// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_ALLOCATOR_H_
#define PINHOLE_GATEWAY_ALLOCATOR_H_

namespace pinhole::gateway {

// For processes that pass on bytes in pieces of 64 to 256 KiB.  Before the
// first thread is started.
//
// By default glibc gives such memory back to the system when it is freed, and
// the system clears every page of the next piece: that took a third of the time
// of a download.  Now each arena keeps up to 2 MiB, and only what is larger
// than a megabyte is mapped by itself.
void KeepMemoryOfPieces();

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_ALLOCATOR_H_
