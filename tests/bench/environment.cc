// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/environment.h"

#include <sqlite3.h>
#include <sys/utsname.h>

#include <fstream>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "fmt/format.h"
#include "google/protobuf/stubs/common.h"
#include "grpcpp/grpcpp.h"

namespace pinhole::bench {
namespace {

std::string FirstLine(const char* path) {
  std::string line;
  std::getline(std::ifstream(path) >> std::ws, line);
  return line;
}

std::string CpuModel() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (!absl::StartsWith(line, "model name")) continue;
    return std::string(
        absl::StripAsciiWhitespace(line.substr(line.find(':') + 1)));
  }
  return "unknown";
}

std::string Kernel() {
  utsname system;
  uname(&system);
  return fmt::format("{} {}", system.sysname, system.release);
}

// Device, type and options of the mount that `folder` is on.
std::string Disk(const std::filesystem::path& folder) {
  const std::string path = std::filesystem::absolute(folder).string();
  std::ifstream file("/proc/mounts");
  std::string best, disk = "unknown";
  for (std::string line; std::getline(file, line);) {
    const std::vector<std::string> parts = absl::StrSplit(line, ' ');
    if (parts.size() < 4 || parts[1].size() < best.size() ||
        !absl::StartsWith(path, parts[1])) {
      continue;
    }
    best = parts[1];
    disk = fmt::format("{} {} {}", parts[2], parts[0], parts[3]);
  }
  return disk;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> DescribeEnvironment(
    const std::filesystem::path& folder) {
  return {
      {"date",
       absl::FormatTime(absl::RFC3339_sec, absl::Now(), absl::UTCTimeZone())},
      {"cpu", CpuModel()},
      {"cores", std::to_string(std::thread::hardware_concurrency())},
      {"kernel", Kernel()},
      {"disk", Disk(folder)},
      {"compiler", fmt::format("{} {}", PINHOLE_COMPILER, __VERSION__)},
      {"build_type", PINHOLE_BUILD_TYPE},
      {"grpc", grpc::Version()},
      {"protobuf",
       google::protobuf::internal::VersionString(GOOGLE_PROTOBUF_VERSION)},
      {"sqlite", sqlite3_libversion()},
      {"load_average", FirstLine("/proc/loadavg")},
  };
}

}  // namespace pinhole::bench
