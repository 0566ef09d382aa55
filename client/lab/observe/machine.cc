// SPDX-License-Identifier: Apache-2.0

#include "client/lab/observe/machine.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <sstream>

namespace pinhole::lab {
namespace {

std::string Contents(const char* path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// "some avg10=0.00 avg60=0.00 avg300=0.00 total=MICROSECONDS"
std::optional<double> PressureSeconds(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t total = line.find("total=");
    if (!line.starts_with("some ") || total == std::string::npos) continue;
    return std::strtod(line.c_str() + total + 6, nullptr) / 1e6;
  }
  return std::nullopt;
}

}  // namespace

std::optional<MachineTimes> ParseMachineTimes(const std::string& stat,
                                              const std::string& pressure) {
  MachineTimes times;
  bool found = false;
  std::istringstream lines(stat);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("cpu") || line.size() < 4) continue;
    if (std::isdigit(static_cast<unsigned char>(line[3])) != 0) {
      ++times.cpus;
      continue;
    }
    std::istringstream fields(line.substr(3));
    double user = 0, nice = 0, system = 0, idle = 0;
    double iowait = 0, irq = 0, softirq = 0, steal = 0;
    // The time of guests, which follows, is part of `user` and `nice`.
    found = static_cast<bool>(fields >> user >> nice >> system >> idle >>
                              iowait >> irq >> softirq >> steal);
    const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    times.busy = (user + nice + system + irq + softirq) / ticks;
    times.steal = steal / ticks;
  }
  if (!found || times.cpus == 0) return std::nullopt;
  times.pressure = PressureSeconds(pressure);
  return times;
}

std::optional<MachineTimes> ReadMachineTimes() {
  return ParseMachineTimes(Contents("/proc/stat"),
                           Contents("/proc/pressure/cpu"));
}

report::Machine MachineBetween(const MachineTimes& before,
                               const MachineTimes& after, double seconds) {
  report::Machine machine;
  if (seconds <= 0) return machine;
  machine.set_cpus(after.cpus);
  machine.set_busy_cores(std::max(after.busy - before.busy, 0.0) / seconds);
  machine.set_steal_cores(std::max(after.steal - before.steal, 0.0) / seconds);
  if (before.pressure && after.pressure) {
    machine.set_pressure_share(
        std::clamp((*after.pressure - *before.pressure) / seconds, 0.0, 1.0));
  }
  return machine;
}

}  // namespace pinhole::lab
