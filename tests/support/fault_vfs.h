// SPDX-License-Identifier: Apache-2.0

#pragma once

namespace pinhole::testing {

// The disk as SQLite sees it, with faults on order.  Is part of the process's
// default VFS from when it is made; there is one.
class FaultVfs {
 public:
  static FaultVfs& Install();

  // Writes to, or syncs of, write-ahead logs fail with this code once
  // `after_syncs` more syncs, one for each commit, have succeeded; SQLITE_OK:
  // they work.
  void FailWrites(int code, int after_syncs = 0);
  void FailSyncs(int code, int after_syncs = 0);
};

}  // namespace pinhole::testing
