// SPDX-License-Identifier: Apache-2.0

#pragma once

namespace pinhole {

// Raises the limit on open files and connections (RLIMIT_NOFILE) to the hard
// limit.  The usual soft limit of 1024 exists for programs that call select().
// Has no effect if the system refuses it.
void RaiseFileLimit();

}  // namespace pinhole
