// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "absl/status/status.h"

namespace pinhole::decoder {

// Resource limits of a sandboxed process.
struct SandboxLimits {
  // Address space in bytes beyond what is already mapped; 0: no limit.
  unsigned long memory_bytes = 0;
};

// Confines this process, including all of its threads, irrevocably: it can use
// the descriptors that it has and receive others, allocate memory, and start
// threads.  It cannot open files, reach the network, start programs, signal
// other processes, map executable memory, or gain privileges by any means.
// System calls that are not allowed fail with EPERM. Errors: INTERNAL.
absl::Status EnterSandbox(const SandboxLimits& limits);

// Makes SIGXCPU end this process after `seconds` more of CPU time.
void LimitCpuTime(int seconds);

}  // namespace pinhole::decoder
