// SPDX-License-Identifier: Apache-2.0

// The journal: every change of the disk in the order in which it happened, as
// power_cut.py reads it.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pinhole::faults {

enum class Change : std::uint32_t {
  kCreate = 1,        // path, inode
  kWrite = 2,         // inode, offset, data
  kTruncate = 3,      // inode, offset is the new size
  kSyncFile = 4,      // inode
  kSyncFolder = 5,    // path
  kMakeFolder = 6,    // path
  kRename = 7,        // path, data is the new path
  kUnlink = 8,        // path
  kRemoveFolder = 9,  // path
  kSyncFailed = 10,   // inode: the kernel has given up what was not synced
  kForgotten = 11,    // path: a sync that did not happen
  kLink = 12,         // path, data is the new path of the same file
};

// Not thread-safe: the disk's lock guards it.
class Journal {
 public:
  // Appends to the file `path`; null: keeps nothing.
  explicit Journal(const char* path);

  struct Entry {
    std::string_view path = {};
    std::uint64_t inode = 0;
    std::int64_t offset = 0;
    std::string_view data = {};
  };
  void Add(Change change, const Entry& entry);

 private:
  const long file_;
};

}  // namespace pinhole::faults
