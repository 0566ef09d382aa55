// SPDX-License-Identifier: Apache-2.0

// The faults on order: lines of a file that a test may replace at any time.
//
//   ACTION <tab> OPERATION <tab> PATTERN <tab> ARGUMENT
//
// ACTION is kill-before or kill-after (the ARGUMENT-th match ends the process),
// fail (with the errno named ARGUMENT), forget (a sync that is answered but
// does not happen; no argument) or stall (a sync that does not begin while the
// line is there; no argument).  OPERATION is sql, checkpoint, create, open
// (an existing file for writing), look (for reading),
// write, truncate, fsync, fdatasync, sync (either), link, rename, mkdir,
// unlink, change (any of those since create, but open) or read.  PATTERN is
// that of fnmatch over the path below the root, folders with a slash at the
// end, or over a statement's text.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <sys/stat.h>

namespace pinhole::faults {

// Not thread-safe: the disk's lock guards it.
class Plan {
 public:
  // `path` is read anew whenever it is another file; null: no faults.
  explicit Plan(const char* path) : path_(path) {}

  // Counts the operation and says which errno it must fail with, or 0.  Ends
  // the process if it is to die before it.
  int Before(std::string_view operation, const std::string& subject);
  // Ends the process if it is to die after the operation counted last.
  void After(std::string_view operation, const std::string& subject);
  bool Forgets(std::string_view operation, const std::string& subject);
  bool Stalls(std::string_view operation, const std::string& subject);

 private:
  struct Rule {
    std::string action;
    std::string operation;
    std::string pattern;
    int error = 0;
    int turn = 0;  // Of a kill: which match.
    int matches = 0;

    bool Matches(std::string_view done, const std::string& subject) const;
  };

  bool Has(std::string_view action, std::string_view operation,
           const std::string& subject) const;
  void Refresh();
  void Load();

  const char* const path_;
  struct stat loaded_ {};
  std::vector<Rule> rules_;
};

}  // namespace pinhole::faults
