// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace pinhole::lab {

// A server that was started to be measured.  The destructor stops it and waits
// for its end; the kernel ends it if this process dies.
class ChildProcess {
 public:
  // Starts `command`, whose first element is the program, and waits until it
  // prints "ready" to standard output.  Appends its standard error to the file
  // `log`.
  // Errors: NOT_FOUND (no such program), UNAVAILABLE (it ended before it was
  // ready; with the last line of its log).
  static absl::StatusOr<std::unique_ptr<ChildProcess>> Start(
      std::vector<std::string> command, const std::filesystem::path& log);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }

  // The rest of the first line before "ready" that begins with `prefix`; empty
  // if there is none.
  std::string After(const std::string& prefix) const;

 private:
  ChildProcess(pid_t pid, int output) : pid_(pid), output_(output) {}

  // Returns whether the process became ready.
  bool AwaitReady();

  pid_t pid_;
  const int output_;
  std::vector<std::string> lines_;
};

}  // namespace pinhole::lab
