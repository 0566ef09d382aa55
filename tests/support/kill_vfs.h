// SPDX-License-Identifier: Apache-2.0

#pragma once

namespace pinhole::testing {

// From now on counts what SQLite changes on the disk (writes, syncs, truncation
// and removal of files, of all databases), and kills the process, as `kill -9`
// does, in the middle of the `nth`: of a write only the first half arrives.
// For a forked child.
void KillAtChange(int nth);

}  // namespace pinhole::testing
