// SPDX-License-Identifier: Apache-2.0

// The VFS forwards to the system's VFS.  Its files are those of the system's
// VFS with a replaced method table, in which only the sync differs, and which
// is stored behind the file in SQLite's memory.

#include "server/store/sqlite/db/sync_times.h"

#include <sqlite3.h>

#include <cstddef>
#include <new>

namespace pinhole::store {
namespace {

using Clock = std::chrono::steady_clock;

// Stored behind the file.
struct Tail {
  const sqlite3_io_methods* system = nullptr;
  sqlite3_io_methods methods = {};
  SyncWatch::File kind = SyncWatch::File::kLog;
};

sqlite3_vfs* System() {
  static sqlite3_vfs* const system = sqlite3_vfs_find(nullptr);
  return system;
}

std::size_t TailOffset() {
  const auto size = static_cast<std::size_t>(System()->szOsFile);
  return (size + alignof(Tail) - 1) / alignof(Tail) * alignof(Tail);
}

void* TailOf(sqlite3_file* file) {
  return reinterpret_cast<std::byte*>(file) + TailOffset();
}

template <typename Call>
int Timed(SyncWatch::File kind, Call call) {
  SyncWatch* const watch = SyncWatch::Current();
  if (watch == nullptr) return call();
  const auto start = Clock::now();
  const int code = call();
  watch->Observe(kind, Clock::now() - start);
  return code;
}

int Sync(sqlite3_file* file, int flags) {
  const Tail& tail = *static_cast<Tail*>(TailOf(file));
  return Timed(tail.kind, [&] { return tail.system->xSync(file, flags); });
}

int Open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags,
         int* out_flags) {
  const int code = System()->xOpen(System(), name, file, flags, out_flags);
  if (file->pMethods == nullptr) return code;
  Tail& tail = *new (TailOf(file)) Tail;
  tail.system = file->pMethods;
  tail.methods = *file->pMethods;
  tail.methods.xSync = &Sync;
  if ((flags & SQLITE_OPEN_MAIN_DB) != 0) {
    tail.kind = SyncWatch::File::kDatabase;
  }
  file->pMethods = &tail.methods;
  return code;
}

int Delete(sqlite3_vfs*, const char* name, int sync_folder) {
  const auto remove = [&] {
    return System()->xDelete(System(), name, sync_folder);
  };
  return sync_folder == 0 ? remove() : Timed(SyncWatch::File::kLog, remove);
}

}  // namespace

void SyncTimes::RegisterVfs() {
  static sqlite3_vfs vfs = [] {
    sqlite3_vfs ours = *System();
    ours.zName = kVfs;
    ours.szOsFile = static_cast<int>(TailOffset() + sizeof(Tail));
    ours.xOpen = &Open;
    ours.xDelete = &Delete;
    return ours;
  }();
  sqlite3_vfs_register(&vfs, 0);
}

}  // namespace pinhole::store
