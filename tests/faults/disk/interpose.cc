// SPDX-License-Identifier: Apache-2.0

// What the dynamic linker finds first when this library is preloaded under a
// server: system calls on files, and those calls of SQLite that are points to
// die at.  Nothing here decides anything; see disk.h.

// With it the headers define some of these functions themselves.
#undef _FORTIFY_SOURCE

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/faults/disk/disk.h"

using pinhole::faults::Disk;

namespace {

template <typename Function>
Function* Next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

mode_t ModeOf(int flags, va_list rest) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0
             ? static_cast<mode_t>(va_arg(rest, int))
             : 0;
}

int OpenAt(int folder, const char* path, int flags, va_list rest) {
  return Disk::Get().Open(folder, path, flags, ModeOf(flags, rest));
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const int file = OpenAt(AT_FDCWD, path, flags, rest);
  va_end(rest);
  return file;
}

int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const int file = OpenAt(AT_FDCWD, path, flags, rest);
  va_end(rest);
  return file;
}

int openat(int folder, const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const int file = OpenAt(folder, path, flags, rest);
  va_end(rest);
  return file;
}

int openat64(int folder, const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const int file = OpenAt(folder, path, flags, rest);
  va_end(rest);
  return file;
}

// What <fcntl.h> and <unistd.h> make of open() and read() in programs that are
// compiled with _FORTIFY_SOURCE.
// NOLINTBEGIN(bugprone-reserved-identifier): the names are the C library's.
int __open_2(const char* path, int flags) { return open(path, flags); }

int __open64_2(const char* path, int flags) { return open(path, flags); }

int __openat_2(int folder, const char* path, int flags) {
  return openat(folder, path, flags);
}

int __openat64_2(int folder, const char* path, int flags) {
  return openat(folder, path, flags);
}
// NOLINTEND(bugprone-reserved-identifier)

int close(int file) { return Disk::Get().Close(file); }

int closedir(DIR* folder) {
  static auto* const next = Next<int(DIR*)>("closedir");
  Disk::Get().Release(dirfd(folder));
  return next(folder);
}

ssize_t read(int file, void* bytes, size_t size) {
  return Disk::Get().Read(file,
                          [=] { return syscall(SYS_read, file, bytes, size); });
}

ssize_t pread(int file, void* bytes, size_t size, off_t offset) {
  return Disk::Get().Read(
      file, [=] { return syscall(SYS_pread64, file, bytes, size, offset); });
}

ssize_t pread64(int file, void* bytes, size_t size, off64_t offset) {
  return pread(file, bytes, size, offset);
}

// NOLINTBEGIN(bugprone-reserved-identifier): the names are the C library's.
ssize_t __read_chk(int file, void* bytes, size_t size, size_t /*room*/) {
  return read(file, bytes, size);
}

ssize_t __pread_chk(int file, void* bytes, size_t size, off_t offset,
                    size_t /*room*/) {
  return pread(file, bytes, size, offset);
}

ssize_t __pread64_chk(int file, void* bytes, size_t size, off64_t offset,
                      size_t /*room*/) {
  return pread(file, bytes, size, offset);
}
// NOLINTEND(bugprone-reserved-identifier)

ssize_t write(int file, const void* bytes, size_t size) {
  return Disk::Get().Write(file, bytes, size, -1);
}

ssize_t pwrite(int file, const void* bytes, size_t size, off_t offset) {
  return Disk::Get().Write(file, bytes, size, offset);
}

ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t offset) {
  return Disk::Get().Write(file, bytes, size, offset);
}

int ftruncate(int file, off_t size) noexcept {
  return Disk::Get().Truncate(file, size);
}

int ftruncate64(int file, off64_t size) noexcept {
  return Disk::Get().Truncate(file, size);
}

int fsync(int file) { return Disk::Get().Sync(file, "fsync"); }

int fdatasync(int file) { return Disk::Get().Sync(file, "fdatasync"); }

int mkdir(const char* path, mode_t mode) noexcept {
  return Disk::Get().MakeFolder(AT_FDCWD, path, mode);
}

int link(const char* from, const char* to) noexcept {
  return Disk::Get().Link(from, to);
}

int rename(const char* from, const char* to) noexcept {
  return Disk::Get().Rename(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int unlink(const char* path) noexcept {
  return Disk::Get().Unlink(AT_FDCWD, path, 0);
}

int unlinkat(int folder, const char* path, int flags) noexcept {
  return Disk::Get().Unlink(folder, path, flags);
}

int rmdir(const char* path) noexcept {
  return Disk::Get().Unlink(AT_FDCWD, path, AT_REMOVEDIR);
}

int remove(const char* path) noexcept {
  const int result = unlink(path);
  return result != 0 && errno == EISDIR ? rmdir(path) : result;
}

int sqlite3_step(sqlite3_stmt* statement) {
  static auto* const next = Next<int(sqlite3_stmt*)>("sqlite3_step");
  const char* const text = sqlite3_sql(statement);
  const std::string sql = text == nullptr ? "" : text;
  Disk::Get().Before("sql", sql);
  const int result = next(statement);
  Disk::Get().After("sql", sql);
  return result;
}

int sqlite3_wal_checkpoint_v2(sqlite3* database, const char* schema, int mode,
                              int* in_log, int* in_database) {
  static auto* const next = Next<int(sqlite3*, const char*, int, int*, int*)>(
      "sqlite3_wal_checkpoint_v2");
  const std::string name =
      mode == SQLITE_CHECKPOINT_TRUNCATE ? "truncate" : "passive";
  Disk::Get().Before("checkpoint", name);
  const int result = next(database, schema, mode, in_log, in_database);
  Disk::Get().After("checkpoint", name);
  return result;
}

}  // extern "C"
