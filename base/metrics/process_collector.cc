// SPDX-License-Identifier: Apache-2.0

#include "base/metrics/process_collector.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <utility>

namespace pinhole {
namespace {

std::string ReadFile(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Fields of /proc/self/stat, numbered from 1 as in proc(5).  The second, the
// command, can contain spaces; it ends with the last parenthesis.
struct Stat {
  Stat() {
    const std::string text = ReadFile("/proc/self/stat");
    const std::size_t command_end = text.rfind(')');
    if (command_end == std::string::npos) return;
    std::istringstream rest(text.substr(command_end + 1));
    std::string field;
    for (int index = 3; rest >> field; ++index) {
      const auto number = [&field] {
        return std::strtod(field.c_str(), nullptr);
      };
      if (index == 14 || index == 15) cpu_ticks += number();
      if (index == 20) threads = number();
      if (index == 22) start_ticks = number();
      if (index == 23) virtual_bytes = number();
      if (index == 24) resident_pages = number();
    }
  }

  double cpu_ticks = 0;
  double threads = 0;
  double start_ticks = 0;
  double virtual_bytes = 0;
  double resident_pages = 0;
};

double BootTime() {
  std::istringstream lines(ReadFile("/proc/stat"));
  std::string line;
  while (std::getline(lines, line)) {
    if (line.rfind("btime ", 0) == 0) {
      return std::strtod(line.c_str() + 6, nullptr);
    }
  }
  return 0;
}

double OpenFiles() {
  DIR* folder = opendir("/proc/self/fd");
  if (folder == nullptr) return 0;
  int entries = 0;
  while (readdir(folder) != nullptr) ++entries;
  closedir(folder);
  return entries - 3;  // Except ".", ".." and the directory itself.
}

prometheus::MetricFamily Family(std::string name, std::string help,
                                prometheus::MetricType type, double value) {
  prometheus::ClientMetric metric;
  metric.counter.value = value;
  metric.gauge.value = value;
  return {std::move(name), std::move(help), type, {std::move(metric)}};
}

prometheus::MetricFamily Gauge(std::string name, std::string help,
                               double value) {
  return Family(std::move(name), std::move(help), prometheus::MetricType::Gauge,
                value);
}

}  // namespace

std::vector<prometheus::MetricFamily> ProcessCollector::Collect() const {
  static const double boot_time = BootTime();
  const Stat stat;
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  return {
      Family("process_cpu_seconds_total",
             "User and system CPU time spent, in seconds.",
             prometheus::MetricType::Counter, stat.cpu_ticks / ticks),
      Gauge("process_resident_memory_bytes", "Resident memory size in bytes.",
            stat.resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE))),
      Gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.",
            stat.virtual_bytes),
      Gauge("process_open_fds", "Number of open file descriptors.",
            OpenFiles()),
      Gauge("process_max_fds", "Maximum number of open file descriptors.",
            static_cast<double>(files.rlim_cur)),
      Gauge("process_threads", "Number of threads.", stat.threads),
      Gauge("process_start_time_seconds",
            "Start time of the process in seconds since the Unix epoch.",
            boot_time + stat.start_ticks / ticks),
  };
}

}  // namespace pinhole
