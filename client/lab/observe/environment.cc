// SPDX-License-Identifier: Apache-2.0

#include "client/lab/observe/environment.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

#include "fmt/format.h"

namespace pinhole::lab {
namespace {

#ifdef NDEBUG
constexpr bool kDebugBuild = false;
#else
constexpr bool kDebugBuild = true;
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitizers = true;
#else
constexpr bool kSanitizers = false;
#endif

std::string CpuModel() {
  std::ifstream file("/proc/cpuinfo");
  std::string line;
  while (std::getline(file, line)) {
    if (!line.starts_with("model name")) continue;
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

std::string Kernel() {
  utsname name{};
  if (uname(&name) != 0) return "unknown";
  return fmt::format("{} {}", name.sysname, name.release);
}

// CPUs that the control group allows ("200000 100000" is two); 0 if it sets no
// limit.
double CgroupCpus() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  std::string quota;
  double period = 0;
  if (!(file >> quota >> period) || quota == "max" || period <= 0) return 0;
  return std::strtod(quota.c_str(), nullptr) / period;
}

bool IsLoopback(const std::string& address) {
  return address.starts_with("127.") || address.starts_with("localhost:") ||
         address.starts_with("[::1]:") || address.starts_with("unix:");
}

void CopyLabels(const MetricsPage& page, const std::string& name,
                google::protobuf::Map<std::string, std::string>& into) {
  for (const MetricsPage::Sample& sample : page.Of(name)) {
    for (const auto& [label, value] : sample.labels) into[label] = value;
  }
}

void AddWarnings(report::Environment& environment) {
  if (kDebugBuild || kSanitizers) {
    environment.add_warnings(
        "the lab is a debug or sanitizer build, which makes less load than a "
        "release build");
  }
  const auto build = environment.server_build().find("build_type");
  if (build != environment.server_build().end() && build->second != "Release" &&
      build->second != "RelWithDebInfo") {
    environment.add_warnings(
        fmt::format("the server is a {} build; the figures say nothing about a "
                    "release build",
                    build->second));
  }
}

}  // namespace

report::Environment DescribeEnvironment(const Target& target,
                                        const MetricsPage* page) {
  report::Environment environment;
  environment.set_lab_version(PINHOLE_VERSION);
  environment.set_lab_build(
      fmt::format("{}, {}", kDebugBuild ? "Debug" : "Release", __VERSION__));
  environment.set_cpu_model(CpuModel());
  environment.set_cpus(std::thread::hardware_concurrency());
  environment.set_kernel(Kernel());
  environment.set_memory_gib(static_cast<double>(sysconf(_SC_PHYS_PAGES)) *
                             static_cast<double>(sysconf(_SC_PAGE_SIZE)) /
                             (1 << 30));
  environment.set_cgroup_cpus(CgroupCpus());
  environment.set_same_host(std::any_of(target.addresses.begin(),
                                        target.addresses.end(), IsLoopback));
  if (page != nullptr) {
    CopyLabels(*page, "pinhole_build_info",
               *environment.mutable_server_build());
    CopyLabels(*page, "pinhole_db_info", *environment.mutable_database());
    const auto version = environment.server_build().find("version");
    if (version != environment.server_build().end()) {
      environment.set_server_version(version->second);
    }
  }
  AddWarnings(environment);
  return environment;
}

}  // namespace pinhole::lab
