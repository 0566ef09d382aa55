// SPDX-License-Identifier: Apache-2.0

#include "tests/support/kill_vfs.h"

#include <signal.h>
#include <sqlite3.h>
#include <unistd.h>

#include <map>

namespace pinhole::testing {
namespace {

int changes_left = 0;
sqlite3_vfs* real = nullptr;
sqlite3_vfs deadly;
// By the methods of ours that stand in for them; files of different kinds have
// different ones.
std::map<const sqlite3_io_methods*, const sqlite3_io_methods*> real_methods;
std::map<const sqlite3_io_methods*, sqlite3_io_methods> deadly_methods;

bool IsLast() { return --changes_left == 0; }
void Die() { kill(getpid(), SIGKILL); }
const sqlite3_io_methods& Real(sqlite3_file* file) {
  return *real_methods.at(file->pMethods);
}

int Write(sqlite3_file* file, const void* bytes, int size,
          sqlite3_int64 offset) {
  if (IsLast()) {
    Real(file).xWrite(file, bytes, size / 2, offset);
    Die();
  }
  return Real(file).xWrite(file, bytes, size, offset);
}

int Sync(sqlite3_file* file, int flags) {
  if (IsLast()) Die();
  return Real(file).xSync(file, flags);
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  if (IsLast()) Die();
  return Real(file).xTruncate(file, size);
}

int Close(sqlite3_file* file) {
  const sqlite3_io_methods& methods = Real(file);
  file->pMethods = &methods;  // Closing looks at them.
  return methods.xClose(file);
}

int Delete(sqlite3_vfs*, const char* name, int sync_folder) {
  if (IsLast()) Die();
  return real->xDelete(real, name, sync_folder);
}

int Open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags,
         int* out_flags) {
  const int code = real->xOpen(real, name, file, flags, out_flags);
  if (code != SQLITE_OK || file->pMethods == nullptr) return code;
  auto [found, added] = deadly_methods.try_emplace(file->pMethods);
  sqlite3_io_methods& ours = found->second;
  if (added) {
    ours = *file->pMethods;
    ours.xWrite = Write;
    ours.xSync = Sync;
    ours.xTruncate = Truncate;
    ours.xClose = Close;
    real_methods[&ours] = file->pMethods;
  }
  file->pMethods = &ours;
  return code;
}

}  // namespace

void KillAtChange(int nth) {
  changes_left = nth;
  real = sqlite3_vfs_find(nullptr);
  deadly = *real;
  deadly.zName = "deadly";
  deadly.xOpen = Open;
  deadly.xDelete = Delete;
  sqlite3_vfs_register(&deadly, /*makeDflt=*/1);
}

}  // namespace pinhole::testing
