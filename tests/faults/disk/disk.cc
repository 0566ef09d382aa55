// SPDX-License-Identifier: Apache-2.0

#include "tests/faults/disk/disk.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace pinhole::faults {
namespace {

std::string PathOf(int file) {
  char path[4096];
  const std::string link = "/proc/self/fd/" + std::to_string(file);
  const ssize_t size = readlink(link.c_str(), path, sizeof(path));
  return std::string(path, size > 0 ? static_cast<std::size_t>(size) : 0);
}

std::string RootFromEnvironment() {
  const char* const root = getenv("PINHOLE_FAULT_ROOT");
  return root == nullptr ? "" : std::string(root) + "/";
}

}  // namespace

Disk& Disk::Get() {
  static Disk& disk = *new Disk;
  return disk;
}

Disk::Disk()
    : root_(RootFromEnvironment()),
      plan_(getenv("PINHOLE_FAULT_PLAN")),
      journal_(getenv("PINHOLE_FAULT_JOURNAL")) {}

std::string Disk::Below(int folder, const char* path) const {
  if (root_.empty() || path == nullptr) return "";
  std::string whole = path;
  if (path[0] != '/') {
    whole =
        (folder == AT_FDCWD ? PathOf(AT_FDCWD) : PathOf(folder)) + "/" + whole;
  }
  if (whole + "/" == root_) return ".";
  return whole.starts_with(root_) ? whole.substr(root_.size()) : "";
}

Disk::Opened* Disk::Find(int file) {
  const auto found = opened_.find(file);
  if (found == opened_.end()) return nullptr;
  struct stat about {};
  if (fstat(file, &about) == 0 && about.st_ino == found->second.inode) {
    return &found->second;
  }
  opened_.erase(found);  // Closed behind our back and used for another file.
  return nullptr;
}

// The shared memory of the log's index means nothing after a power cut.
bool Disk::Logged(const std::string& subject) const {
  return !subject.ends_with("-shm");
}

long Disk::Do(std::string_view operation, const std::string& subject,
              const std::function<long()>& work) {
  if (const int error = plan_.Before(operation, subject); error != 0) {
    errno = error;
    return -1;
  }
  const long result = work();
  // After the operation is also after its record: `work` wrote it.
  const int error = errno;
  plan_.After(operation, subject);
  errno = error;
  return result;
}

int Disk::Open(int folder, const char* path, int flags, mode_t mode) {
  const auto really = [=] {
    return syscall(SYS_openat, folder, path, flags, mode);
  };
  std::string subject = Below(folder, path);
  if (subject.empty()) return static_cast<int>(really());
  const std::lock_guard lock(mutex_);
  struct stat about {};
  const bool is_new = (flags & O_CREAT) != 0 &&
                      fstatat(folder, path, &about, AT_SYMLINK_NOFOLLOW) != 0;
  return static_cast<int>(
      Do(is_new ? "create" : "open", subject, [&]() -> long {
        const long file = really();
        if (file < 0) return file;
        const int error = errno;
        fstat(static_cast<int>(file), &about);
        Opened opened{subject, about.st_ino, S_ISDIR(about.st_mode),
                      Logged(subject)};
        if (opened.folder && !opened.subject.ends_with('/'))
          opened.subject += '/';
        if (opened.logged && is_new) {
          journal_.Add(Change::kCreate,
                       {.path = subject, .inode = opened.inode});
        } else if (opened.logged && (flags & O_TRUNC) != 0) {
          journal_.Add(Change::kTruncate, {.inode = opened.inode});
        }
        opened_[static_cast<int>(file)] = std::move(opened);
        errno = error;
        return file;
      }));
}

int Disk::Close(int file) {
  Release(file);
  return static_cast<int>(syscall(SYS_close, file));
}

void Disk::Release(int file) {
  const std::lock_guard lock(mutex_);
  opened_.erase(file);
}

ssize_t Disk::Read(int file, std::function<ssize_t()> read) {
  {
    const std::lock_guard lock(mutex_);
    if (const Opened* opened = Find(file); opened != nullptr) {
      return Do("read", opened->subject, read);
    }
  }
  return read();
}

ssize_t Disk::Write(int file, const void* bytes, std::size_t size,
                    off_t offset) {
  {
    const std::lock_guard lock(mutex_);
    if (const Opened* opened = Find(file); opened != nullptr) {
      return Do("write", opened->subject,
                [&] { return WriteHere(*opened, file, bytes, size, offset); });
    }
  }
  return offset < 0 ? syscall(SYS_write, file, bytes, size)
                    : syscall(SYS_pwrite64, file, bytes, size, offset);
}

ssize_t Disk::WriteHere(const Opened& opened, int file, const void* bytes,
                        std::size_t size, off_t offset) {
  const off_t at = offset < 0 ? lseek(file, 0, SEEK_CUR) : offset;
  const ssize_t written =
      offset < 0 ? syscall(SYS_write, file, bytes, size)
                 : syscall(SYS_pwrite64, file, bytes, size, offset);
  if (written > 0 && opened.logged) {
    journal_.Add(Change::kWrite, {.inode = opened.inode,
                                  .offset = at,
                                  .data = {static_cast<const char*>(bytes),
                                           static_cast<std::size_t>(written)}});
  }
  return written;
}

int Disk::Truncate(int file, off_t size) {
  const auto really = [=] { return syscall(SYS_ftruncate, file, size); };
  const std::lock_guard lock(mutex_);
  const Opened* const opened = Find(file);
  if (opened == nullptr) return static_cast<int>(really());
  return static_cast<int>(Do("truncate", opened->subject, [&] {
    const long result = really();
    if (result == 0 && opened->logged) {
      journal_.Add(Change::kTruncate, {.inode = opened->inode, .offset = size});
    }
    return result;
  }));
}

int Disk::Sync(int file, std::string_view operation) {
  const auto really = [=] {
    return syscall(operation == "fsync" ? SYS_fsync : SYS_fdatasync, file);
  };
  WaitWhileStalled(file, operation);
  const std::lock_guard lock(mutex_);
  const Opened* const opened = Find(file);
  if (opened == nullptr) return static_cast<int>(really());
  if (plan_.Forgets(operation, opened->subject)) {
    journal_.Add(Change::kForgotten, {.path = opened->subject});
    return 0;
  }
  const Journal::Entry entry{.path = opened->subject, .inode = opened->inode};
  const long result = Do(operation, opened->subject, [&] {
    const long synced = really();
    if (synced == 0 && opened->logged) {
      journal_.Add(opened->folder ? Change::kSyncFolder : Change::kSyncFile,
                   entry);
    }
    return synced;
  });
  const int error = errno;
  if (result != 0 && opened->logged) journal_.Add(Change::kSyncFailed, entry);
  errno = error;
  return static_cast<int>(result);
}

// Without the lock between two looks: others go on meanwhile.
void Disk::WaitWhileStalled(int file, std::string_view operation) {
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      const Opened* const opened = Find(file);
      if (opened == nullptr || !plan_.Stalls(operation, opened->subject)) {
        return;
      }
    }
    usleep(10'000);
  }
}

int Disk::MakeFolder(int folder, const char* path, mode_t mode) {
  const auto really = [=] { return syscall(SYS_mkdirat, folder, path, mode); };
  const std::string subject = Below(folder, path);
  if (subject.empty()) return static_cast<int>(really());
  const std::lock_guard lock(mutex_);
  return static_cast<int>(Do("mkdir", subject + "/", [&] {
    const long result = really();
    if (result == 0) journal_.Add(Change::kMakeFolder, {.path = subject});
    return result;
  }));
}

int Disk::Link(const char* from, const char* to) {
  const auto really = [=] {
    return syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
  };
  const std::string subject = Below(AT_FDCWD, from);
  const std::string target = Below(AT_FDCWD, to);
  if (subject.empty() || target.empty()) return static_cast<int>(really());
  const std::lock_guard lock(mutex_);
  return static_cast<int>(Do("link", target, [&] {
    const long result = really();
    if (result == 0) {
      journal_.Add(Change::kLink, {.path = subject, .data = target});
    }
    return result;
  }));
}

int Disk::Rename(int from_folder, const char* from, int to_folder,
                 const char* to, unsigned flags) {
  const auto really = [=] {
    return syscall(SYS_renameat2, from_folder, from, to_folder, to, flags);
  };
  const std::string subject = Below(from_folder, from);
  const std::string target = Below(to_folder, to);
  if (subject.empty() || target.empty()) return static_cast<int>(really());
  const std::lock_guard lock(mutex_);
  return static_cast<int>(Do("rename", target, [&] {
    const long result = really();
    if (result == 0) {
      journal_.Add(Change::kRename, {.path = subject, .data = target});
    }
    return result;
  }));
}

int Disk::Unlink(int folder, const char* path, int flags) {
  const auto really = [=] {
    return syscall(SYS_unlinkat, folder, path, flags);
  };
  const std::string subject = Below(folder, path);
  if (subject.empty()) return static_cast<int>(really());
  const std::lock_guard lock(mutex_);
  return static_cast<int>(Do("unlink", subject, [&] {
    const long result = really();
    if (result == 0 && Logged(subject)) {
      const bool folder_went = (flags & AT_REMOVEDIR) != 0;
      journal_.Add(folder_went ? Change::kRemoveFolder : Change::kUnlink,
                   {.path = subject});
    }
    return result;
  }));
}

int Disk::Before(std::string_view operation, const std::string& subject) {
  const std::lock_guard lock(mutex_);
  return plan_.Before(operation, subject);
}

void Disk::After(std::string_view operation, const std::string& subject) {
  const std::lock_guard lock(mutex_);
  plan_.After(operation, subject);
}

}  // namespace pinhole::faults
