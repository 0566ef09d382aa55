// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_FILE_LIMIT_H_
#define PINHOLE_GATEWAY_FILE_LIMIT_H_

namespace pinhole::gateway {

// Lets this process open as many files and connections as the system permits
// (RLIMIT_NOFILE): the usual 1024 are for programs that call select().  Without
// effect where that is refused.
void RaiseFileLimit();

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_FILE_LIMIT_H_
