// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_DECODER_ALLOCATION_H_
#define PINHOLE_SERVER_DECODER_ALLOCATION_H_

namespace pinhole::decoder {

// From now on an allocation that fails ends the process with
// `kDecoderOutOfMemory`, whoever asked for the memory: how the picture
// libraries get on without memory has hardly been tested by anybody, and the
// picture is lost anyway.  No effect under a sanitizer.
void EndWhenAllocationFails();

}  // namespace pinhole::decoder

#endif  // PINHOLE_SERVER_DECODER_ALLOCATION_H_
