// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/process.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <utility>

#include "absl/time/clock.h"
#include "client/lab/load/http_transport.h"
#include "client/lab/observe/metrics_page.h"
#include "fmt/format.h"

namespace pinhole::bench {
namespace {

[[noreturn]] void Fail(const std::string& what) {
  std::cerr << what << std::endl;
  std::abort();
}

std::filesystem::path LogIn(const std::filesystem::path& data_dir) {
  std::filesystem::create_directories(data_dir);
  return data_dir / "server.log";
}

}  // namespace

Process::Process(const std::vector<std::string>& command,
                 const std::filesystem::path& log) {
  const absl::Time begin = absl::Now();
  auto started = lab::ChildProcess::Start(command, log);
  if (!started.ok()) Fail(std::string(started.status().message()));
  start_time_ = absl::Now() - begin;
  child_ = *std::move(started);
}

std::string Process::After(const std::string& prefix) const {
  std::string rest = child_->After(prefix);
  if (rest.empty()) Fail("the server does not say: " + prefix);
  return rest;
}

absl::Duration Process::CpuTime() const {
  std::ifstream file(fmt::format("/proc/{}/stat", child_->pid()));
  std::string text;
  std::getline(file, text);
  // After the name, which may hold anything: state is the third field, user
  // and system time the 14th and 15th.
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;
  std::int64_t user = 0;
  std::int64_t system = 0;
  fields >> user >> system;
  return absl::Seconds(user + system) / sysconf(_SC_CLK_TCK);
}

double Process::ResidentMebibytes() const { return MebibytesOf("VmRSS:"); }

double Process::AnonymousMebibytes() const { return MebibytesOf("RssAnon:"); }

double Process::PeakMebibytes() const { return MebibytesOf("VmHWM:"); }

double Process::MebibytesOf(const std::string& key) const {
  std::ifstream file(fmt::format("/proc/{}/status", child_->pid()));
  for (std::string word; file >> word;) {
    double kibibytes = 0;
    if (word == key && file >> kibibytes) return kibibytes / 1024;
  }
  Fail("no " + key);
}

ServerProcess::ServerProcess(const Rounds& rounds,
                             const std::filesystem::path& data_dir,
                             const std::vector<std::string>& options)
    : ServerProcess(rounds, rounds.server(), data_dir, options) {}

ServerProcess::ServerProcess(const Rounds& rounds,
                             const std::filesystem::path& program,
                             const std::filesystem::path& data_dir,
                             const std::vector<std::string>& options)
    : Process(
          [&] {
            std::vector<std::string> command = {
                program,         "--data-dir",       data_dir,
                "--grpc-listen", "127.0.0.1:0",      "--http-listen",
                "off",           "--metrics-listen", "127.0.0.1:0"};
            for (const auto* more : {&options, &rounds.server_options()}) {
              command.insert(command.end(), more->begin(), more->end());
            }
            return command;
          }(),
          LogIn(data_dir)) {}

Handled ReadHandled(const std::string& metrics_address,
                    const std::string& method) {
  const auto text =
      lab::HttpGet("http://" + metrics_address + "/metrics", absl::Seconds(10));
  if (!text.ok()) Fail(std::string(text.status().message()));
  const auto page = lab::MetricsPage::Parse(*text);
  if (!page.ok()) Fail(std::string(page.status().message()));
  const std::string name = "grpc_server_handling_seconds";
  return {.calls = page->Sum(name + "_count", {{"grpc_method", method}}),
          .seconds = page->Sum(name + "_sum", {{"grpc_method", method}})};
}

}  // namespace pinhole::bench
