// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_DECODER_SANDBOX_H_
#define PINHOLE_SERVER_DECODER_SANDBOX_H_

#include "absl/status/status.h"

namespace pinhole::decoder {

// What one process may use from now on.
struct SandboxLimits {
  // Address space beyond what the process has mapped already, in bytes; 0 for
  // no limit.
  unsigned long memory_bytes = 0;
};

// Confines this process for good, all of its threads included: it can use the
// descriptors that it has and receive others, allocate memory, and start
// threads.  It cannot open files, reach the network, start programs, signal
// other processes, map executable memory, or gain
// privileges by any means.  System calls that are not allowed fail with EPERM.
// Errors: INTERNAL.
absl::Status EnterSandbox(const SandboxLimits& limits);

// Ends this process by SIGXCPU once it has used `seconds` more of CPU time.
void LimitCpuTime(int seconds);

}  // namespace pinhole::decoder

#endif  // PINHOLE_SERVER_DECODER_SANDBOX_H_
