// SPDX-License-Identifier: Apache-2.0

#include "tests/bench/process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "fmt/format.h"

namespace pinhole::bench {
namespace {

[[noreturn]] void Fail(const std::string& what) {
  std::cerr << what << std::endl;
  std::abort();
}

// In the child, where only what is safe after a fork may be done.
[[noreturn]] void Become(char* const* arguments, int output, int log) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // Nothing stays if the benchmark dies.
  dup2(output, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  execv(arguments[0], arguments);
  _exit(127);
}

std::string ReadLine(int file) {
  std::string line;
  for (char c = 0; read(file, &c, 1) == 1;) {
    if (c == '\n') return line;
    line.push_back(c);
  }
  return "";
}

std::string Fetch(const std::string& address, const std::string& path) {
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(address, ':');
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(parts.second)));
  inet_pton(AF_INET, parts.first.c_str(), &to.sin_addr);
  const int file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(file, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0) {
    Fail("cannot read " + address + path);
  }
  const std::string request =
      fmt::format("GET {} HTTP/1.0\r\nHost: {}\r\n\r\n", path, parts.first);
  if (write(file, request.data(), request.size()) < 0) Fail("cannot ask");
  std::string text;
  char part[4096];
  for (ssize_t got; (got = read(file, part, sizeof(part))) > 0;) {
    text.append(part, static_cast<std::size_t>(got));
  }
  close(file);
  return text;
}

std::filesystem::path LogIn(const std::filesystem::path& data_dir) {
  std::filesystem::create_directories(data_dir);
  return data_dir / "server.log";
}

}  // namespace

Process::Process(const std::vector<std::string>& command,
                 const std::filesystem::path& log) {
  std::vector<char*> arguments;
  for (const std::string& part : command) {
    arguments.push_back(const_cast<char*>(part.c_str()));
  }
  arguments.push_back(nullptr);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) Fail("no pipe");
  const int log_file =
      open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const absl::Time begin = absl::Now();
  pid_ = fork();
  if (pid_ == 0) Become(arguments.data(), ends[1], log_file);
  close(ends[1]);
  close(log_file);
  output_ = ends[0];
  while (lines_.empty() || lines_.back() != "ready") {
    lines_.push_back(ReadLine(output_));
    if (lines_.back().empty()) {
      Fail(fmt::format("{} did not start; see {}", command[0], log.string()));
    }
  }
  start_time_ = absl::Now() - begin;
}

Process::~Process() {
  kill(pid_, SIGTERM);
  for (int i = 0; i < 200 && waitpid(pid_, nullptr, WNOHANG) == 0; ++i) {
    absl::SleepFor(absl::Milliseconds(50));
    if (i == 199) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
  }
  close(output_);
}

std::string Process::After(const std::string& prefix) const {
  for (const std::string& line : lines_) {
    if (absl::StartsWith(line, prefix)) return line.substr(prefix.size());
  }
  Fail("the server does not say: " + prefix);
}

absl::Duration Process::CpuTime() const {
  std::ifstream file(fmt::format("/proc/{}/stat", pid_));
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
  std::ifstream file(fmt::format("/proc/{}/status", pid_));
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
  const std::string label = fmt::format("grpc_method=\"{}\"", method);
  Handled handled;
  const std::string page = Fetch(metrics_address, "/metrics");
  for (const absl::string_view line : absl::StrSplit(page, '\n')) {
    if (!absl::StrContains(line, label)) continue;
    double value = 0;
    if (!absl::SimpleAtod(line.substr(line.rfind(' ') + 1), &value)) continue;
    if (absl::StartsWith(line, "grpc_server_handling_seconds_sum")) {
      handled.seconds = value;
    } else if (absl::StartsWith(line, "grpc_server_handling_seconds_count")) {
      handled.calls = value;
    }
  }
  return handled;
}

}  // namespace pinhole::bench
