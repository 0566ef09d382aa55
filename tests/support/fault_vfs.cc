// SPDX-License-Identifier: Apache-2.0

#include "tests/support/fault_vfs.h"

#include <sqlite3.h>

#include <atomic>

namespace pinhole::testing {
namespace {

std::atomic<int> write_fault{SQLITE_OK};
std::atomic<int> sync_fault{SQLITE_OK};
std::atomic<int> good_syncs{0};
std::atomic<bool> written{false};  // Since the last sync.
decltype(sqlite3_vfs::xOpen) real_open = nullptr;
const sqlite3_io_methods* real_methods = nullptr;
sqlite3_io_methods faulty_methods;

int Write(sqlite3_file* file, const void* bytes, int size,
          sqlite3_int64 offset) {
  if (write_fault != SQLITE_OK && good_syncs <= 0) return write_fault;
  written = true;
  return real_methods->xWrite(file, bytes, size, offset);
}

int Sync(sqlite3_file* file, int flags) {
  // A checkpoint, which can come at any time.
  if (!written) return real_methods->xSync(file, flags);
  if (good_syncs-- <= 0 && sync_fault != SQLITE_OK) return sync_fault;
  written = false;
  return real_methods->xSync(file, flags);
}

int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags,
         int* out_flags) {
  const int code = real_open(vfs, name, file, flags, out_flags);
  if (code == SQLITE_OK && (flags & SQLITE_OPEN_WAL) != 0) {
    real_methods = file->pMethods;
    faulty_methods = *real_methods;
    faulty_methods.xWrite = Write;
    faulty_methods.xSync = Sync;
    file->pMethods = &faulty_methods;
  }
  return code;
}

}  // namespace

FaultVfs& FaultVfs::Install() {
  static FaultVfs* const vfs = [] {
    // In place: others have looked it up before.
    sqlite3_vfs* const system = sqlite3_vfs_find(nullptr);
    real_open = system->xOpen;
    system->xOpen = Open;
    return new FaultVfs;
  }();
  return *vfs;
}

void FaultVfs::FailWrites(int code, int after_syncs) {
  good_syncs = after_syncs;
  write_fault = code;
}

void FaultVfs::FailSyncs(int code, int after_syncs) {
  good_syncs = after_syncs;
  sync_fault = code;
}

}  // namespace pinhole::testing
