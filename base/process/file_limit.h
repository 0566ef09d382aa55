// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_PROCESS_FILE_LIMIT_H_
#define PINHOLE_BASE_PROCESS_FILE_LIMIT_H_

namespace pinhole {

// Lets this process open as many files and connections as the system permits
// (RLIMIT_NOFILE): the usual 1024 are for programs that call select().  Without
// effect where that is refused.
void RaiseFileLimit();

}  // namespace pinhole

#endif  // PINHOLE_BASE_PROCESS_FILE_LIMIT_H_
