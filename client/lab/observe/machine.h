// SPDX-License-Identifier: Apache-2.0

// The CPU use of the lab's machine, by all programs.

#pragma once

#include <optional>
#include <string>

#include "client/lab/report/report.pb.h"

namespace pinhole::lab {

// Counters of the kernel, in seconds since the machine started.
struct MachineTimes {
  int cpus = 0;
  double busy = 0;                 // Sum over all CPUs, without `steal`.
  double steal = 0;                // Taken by the hypervisor, over all CPUs.
  std::optional<double> pressure;  // A task was waiting for a CPU.
};

// From the contents of /proc/stat and /proc/pressure/cpu, which may be empty.
// Returns nothing if `stat` cannot be understood.
std::optional<MachineTimes> ParseMachineTimes(const std::string& stat,
                                              const std::string& pressure);

// The counters now.  Returns nothing if there is no /proc/stat.
std::optional<MachineTimes> ReadMachineTimes();

// What happened between two readings, `seconds` apart.
report::Machine MachineBetween(const MachineTimes& before,
                               const MachineTimes& after, double seconds);

}  // namespace pinhole::lab
