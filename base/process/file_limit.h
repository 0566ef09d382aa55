// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_PROCESS_FILE_LIMIT_H_
#define PINHOLE_BASE_PROCESS_FILE_LIMIT_H_

namespace pinhole {

// Raises the limit on open files and connections (RLIMIT_NOFILE) to the hard
// limit.  The usual soft limit of 1024 exists for programs that call select().
// Has no effect if the system refuses it.
void RaiseFileLimit();

}  // namespace pinhole

#endif  // PINHOLE_BASE_PROCESS_FILE_LIMIT_H_
