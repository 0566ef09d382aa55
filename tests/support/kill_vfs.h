// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_TESTS_SUPPORT_KILL_VFS_H_
#define PINHOLE_TESTS_SUPPORT_KILL_VFS_H_

namespace pinhole::testing {

// From now on counts what SQLite changes on the disk (writes, syncs, truncation
// and removal of files, of all databases), and kills the process, as `kill -9`
// does, in the middle of the `nth`: of a write only the first half arrives.
// For a forked child.
void KillAtChange(int nth);

}  // namespace pinhole::testing

#endif  // PINHOLE_TESTS_SUPPORT_KILL_VFS_H_
