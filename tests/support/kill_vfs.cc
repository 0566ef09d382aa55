// SPDX-License-Identifier: Apache-2.0

#include "tests/support/kill_vfs.h"

#include <signal.h>
#include <sqlite3.h>
#include <unistd.h>

#include <map>

namespace pinhole::testing {
namespace {

int changes_left = 0;
sqlite3_vfs real;  // As it was.
// Files of different kinds have different ones.
std::map<sqlite3_file*, const sqlite3_io_methods*> real_methods;
std::map<const sqlite3_io_methods*, sqlite3_io_methods> deadly_methods;

bool IsLast() { return --changes_left == 0; }
void Die() { kill(getpid(), SIGKILL); }
const sqlite3_io_methods& Real(sqlite3_file* file) {
  return *real_methods.at(file);
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

int Delete(sqlite3_vfs* vfs, const char* name, int sync_folder) {
  if (IsLast()) Die();
  return real.xDelete(vfs, name, sync_folder);
}

int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags,
         int* out_flags) {
  const int code = real.xOpen(vfs, name, file, flags, out_flags);
  if (code != SQLITE_OK || file->pMethods == nullptr) return code;
  auto [found, added] = deadly_methods.try_emplace(file->pMethods);
  sqlite3_io_methods& ours = found->second;
  if (added) {
    ours = *file->pMethods;
    ours.xWrite = Write;
    ours.xSync = Sync;
    ours.xTruncate = Truncate;
  }
  real_methods[file] = file->pMethods;
  file->pMethods = &ours;
  return code;
}

}  // namespace

void KillAtChange(int nth) {
  changes_left = nth;
  // In place: others have looked it up before.
  sqlite3_vfs* const system = sqlite3_vfs_find(nullptr);
  real = *system;
  system->xOpen = Open;
  system->xDelete = Delete;
}

}  // namespace pinhole::testing
