// SPDX-License-Identifier: Apache-2.0

#pragma once

namespace pinhole::testing {

// The disk as SQLite sees it, with faults on order.  Is part of the process's
// default VFS from when it is made; there is one.
class FaultVfs {
 public:
  static FaultVfs& Install();

  // Writes to, or syncs of, write-ahead logs fail with this code from now on;
  // SQLITE_OK: they work.
  void FailWrites(int code);
  void FailSyncs(int code);
};

}  // namespace pinhole::testing
