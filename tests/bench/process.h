// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "client/lab/run/child_process.h"
#include "tests/bench/rounds.h"

namespace pinhole::bench {

// A server started by a benchmark, stopped with this object.  Aborts if it does
// not come up.
class Process {
 public:
  // Runs `command` until it prints "ready" to standard output.  Its standard
  // error goes to the file `log`.
  Process(const std::vector<std::string>& command,
          const std::filesystem::path& log);

  // What follows `prefix` in the line that begins with it.
  std::string After(const std::string& prefix) const;

  // From the start of the process to "ready".
  absl::Duration start_time() const { return start_time_; }
  absl::Duration CpuTime() const;  // Of all threads, in steps of 10 ms.
  // What it has in memory, and how much of that is no page of a program or
  // library that others may use, too.
  double ResidentMebibytes() const;
  double AnonymousMebibytes() const;
  double PeakMebibytes() const;  // The most that it ever had in memory.

 private:
  double MebibytesOf(const std::string& key) const;

  std::unique_ptr<lab::ChildProcess> child_;
  absl::Duration start_time_;
};

// A pinhole-server on `data_dir` and free ports, with those options and the
// ones that `rounds` has for it.
class ServerProcess : public Process {
 public:
  // The one that `rounds` names.
  ServerProcess(const Rounds& rounds, const std::filesystem::path& data_dir,
                const std::vector<std::string>& options = {});
  ServerProcess(const Rounds& rounds, const std::filesystem::path& program,
                const std::filesystem::path& data_dir,
                const std::vector<std::string>& options);

  std::string grpc() const { return After("gRPC listening on "); }
  std::string metrics() const { return After("metrics listening on "); }
};

// The mean time in seconds of the calls of `method` that a server has answered,
// and how many they were, as its metrics page says.
struct Handled {
  double calls = 0;
  double seconds = 0;
};
Handled ReadHandled(const std::string& metrics_address,
                    const std::string& method);

}  // namespace pinhole::bench
