// SPDX-License-Identifier: Apache-2.0

#include "client/lab/run/child_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "fmt/format.h"

namespace pinhole::lab {
namespace {

// Longer than a server takes to drain.
constexpr absl::Duration kStopPatience = absl::Seconds(20);
// The exit code of a shell for a missing program.
constexpr int kNoSuchProgram = 127;

// Runs in the child, where only async-signal-safe functions may be called.
[[noreturn]] void Become(char* const* arguments, int output, int log) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // Signals from the terminal are for the parent only.
  setpgid(0, 0);
  dup2(output, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  execvp(arguments[0], arguments);
  _exit(kNoSuchProgram);
}

// The next line without its end; empty at the end of the file.
std::string ReadLine(int file) {
  std::string line;
  for (char c = 0; read(file, &c, 1) == 1;) {
    if (c == '\n') return line;
    line.push_back(c);
  }
  return "";
}

std::string LastLine(const std::filesystem::path& log) {
  std::ifstream file(log);
  std::string last = "it said nothing";
  for (std::string line; std::getline(file, line);) {
    if (!line.empty()) last = line;
  }
  return last;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ChildProcess>> ChildProcess::Start(
    std::vector<std::string> command, const std::filesystem::path& log) {
  std::vector<char*> arguments;
  for (std::string& part : command) arguments.push_back(part.data());
  arguments.push_back(nullptr);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    return absl::UnavailableError("no pipe can be made");
  }
  const int log_file =
      open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const pid_t pid = fork();
  if (pid == 0) Become(arguments.data(), ends[1], log_file);
  close(ends[1]);
  close(log_file);
  std::unique_ptr<ChildProcess> process(new ChildProcess(pid, ends[0]));
  if (process->AwaitReady()) return process;
  int status = 0;
  waitpid(std::exchange(process->pid_, -1), &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == kNoSuchProgram) {
    return absl::NotFoundError(
        fmt::format("{} cannot be run", command.front()));
  }
  return absl::UnavailableError(
      fmt::format("{} did not start: {}", command.front(), LastLine(log)));
}

bool ChildProcess::AwaitReady() {
  while (lines_.empty() || lines_.back() != "ready") {
    lines_.push_back(ReadLine(output_));
    if (lines_.back().empty()) return false;
  }
  return true;
}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) {
    kill(pid_, SIGTERM);
    const absl::Time patience = absl::Now() + kStopPatience;
    while (waitpid(pid_, nullptr, WNOHANG) == 0) {
      if (absl::Now() > patience) kill(pid_, SIGKILL);
      absl::SleepFor(absl::Milliseconds(20));
    }
  }
  close(output_);
}

std::string ChildProcess::After(const std::string& prefix) const {
  for (const std::string& line : lines_) {
    if (line.starts_with(prefix)) return line.substr(prefix.size());
  }
  return "";
}

}  // namespace pinhole::lab
