// SPDX-License-Identifier: Apache-2.0

#pragma once

namespace pinhole::decoder {

// From now on, any allocation that fails ends the process with
// `kDecoderOutOfMemory`: the picture libraries are hardly tested without
// memory, and the picture cannot be decoded anyway.  No effect under a
// sanitizer.
void EndWhenAllocationFails();

}  // namespace pinhole::decoder
