// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_LAB_RUN_CHILD_PROCESS_H_
#define PINHOLE_CLIENT_LAB_RUN_CHILD_PROCESS_H_

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace pinhole::lab {

// A server that was started to be measured.  It is stopped, and waited for,
// with this object, and ends with this process whatever happens.
class ChildProcess {
 public:
  // Runs `command`, its program first, until it prints "ready" to standard
  // output.  Its standard error is appended to the file `log`.
  // Errors: NOT_FOUND (no such program), UNAVAILABLE (it ended before; with the
  // last line of its log).
  static absl::StatusOr<std::unique_ptr<ChildProcess>> Start(
      std::vector<std::string> command, const std::filesystem::path& log);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }

  // What follows `prefix` in the first line before "ready" that begins with it;
  // empty if none does.
  std::string After(const std::string& prefix) const;

 private:
  ChildProcess(pid_t pid, int output) : pid_(pid), output_(output) {}

  // Whether the process came up.
  bool AwaitReady();

  pid_t pid_;
  const int output_;
  std::vector<std::string> lines_;
};

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_RUN_CHILD_PROCESS_H_
