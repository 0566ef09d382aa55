// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <fcntl.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "tests/faults/disk/journal.h"
#include "tests/faults/disk/plan.h"

namespace pinhole::faults {

// The disk below one folder: does what the system calls do, with the faults of
// the plan, and keeps the journal.  One lock around each operation and its
// record makes the journal's order the true one.  Functions return and set
// errno as the system calls.  Thread-safe.
class Disk {
 public:
  // Set up by the environment: PINHOLE_FAULT_ROOT, _PLAN and _JOURNAL.
  static Disk& Get();

  int Open(int folder, const char* path, int flags, mode_t mode);
  int Close(int file);
  // Forgets the descriptor; for those closed in other ways.
  void Release(int file);
  ssize_t Read(int file, std::function<ssize_t()> read);
  // `offset` below zero: where the file stands.
  ssize_t Write(int file, const void* bytes, std::size_t size, off_t offset);
  int Truncate(int file, off_t size);
  int Sync(int file, std::string_view operation);
  int MakeFolder(int folder, const char* path, mode_t mode);
  int Link(const char* from, const char* to);
  int Rename(int from_folder, const char* from, int to_folder, const char* to,
             unsigned flags);
  int Unlink(int folder, const char* path, int flags);

  // For points that are not of the disk: a statement, a checkpoint.
  int Before(std::string_view operation, const std::string& subject);
  void After(std::string_view operation, const std::string& subject);

 private:
  struct Opened {
    std::string subject;  // The path below the root; a folder ends in a slash.
    std::uint64_t inode = 0;
    bool folder = false;
    bool logged = false;
  };

  Disk();
  // The path below the root; empty if it is elsewhere.
  std::string Below(int folder, const char* path) const;
  // What is open under this descriptor, null if it is not below the root.
  Opened* Find(int file);
  bool Logged(const std::string& subject) const;
  ssize_t WriteHere(const Opened& opened, int file, const void* bytes,
                    std::size_t size, off_t offset);
  void WaitWhileStalled(int file, std::string_view operation);
  // Counts `operation` and runs it, unless the plan says that it fails.
  long Do(std::string_view operation, const std::string& subject,
          const std::function<long()>& work);

  const std::string root_;  // Ends in a slash.
  std::mutex mutex_;
  Plan plan_;
  Journal journal_;
  std::map<int, Opened> opened_;
};

}  // namespace pinhole::faults
