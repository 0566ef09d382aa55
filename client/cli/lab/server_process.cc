// SPDX-License-Identifier: Apache-2.0

#include "client/cli/lab/server_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "fmt/format.h"

namespace pinhole::cli {
namespace {

constexpr absl::Duration kStopPatience = absl::Seconds(20);
constexpr char kLog[] = "server.log";

// In the child, where only what is safe after a fork may be done.
[[noreturn]] void Become(char* const* arguments, int output, int log) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(output, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  execvp(arguments[0], arguments);
  _exit(127);
}

// A line, without its end; empty at the end of the file.
std::string ReadLine(int file) {
  std::string line;
  for (char c = 0; read(file, &c, 1) == 1;) {
    if (c == '\n') return line;
    line.push_back(c);
  }
  return "";
}

absl::StatusOr<std::filesystem::path> NewFolder() {
  std::string name =
      (std::filesystem::temp_directory_path() / "pinhole-lab-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    return absl::UnavailableError(
        fmt::format("{} cannot be made: {}", name, std::strerror(errno)));
  }
  return name;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServerProcess>> ServerProcess::Start(
    const std::filesystem::path& program,
    const std::vector<std::string>& flags) {
  auto folder = NewFolder();
  if (!folder.ok()) return folder.status();
  std::unique_ptr<ServerProcess> server(new ServerProcess());
  server->folder_ = *folder;
  std::vector<std::string> command = {program.string(),
                                      "--data-dir",
                                      (*folder / "data").string(),
                                      "--grpc-listen",
                                      "127.0.0.1:0",
                                      "--http-listen",
                                      "off",
                                      "--metrics-listen",
                                      "127.0.0.1:0",
                                      "--log-level",
                                      "warn"};
  command.insert(command.end(), flags.begin(), flags.end());
  std::vector<char*> arguments;
  for (std::string& part : command) arguments.push_back(part.data());
  arguments.push_back(nullptr);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    return absl::UnavailableError("no pipe can be made");
  }
  const int log = open((*folder / kLog).c_str(),
                       O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  server->pid_ = fork();
  if (server->pid_ == 0) Become(arguments.data(), ends[1], log);
  close(ends[1]);
  close(log);
  server->output_ = ends[0];
  while (server->lines_.empty() || server->lines_.back() != "ready") {
    server->lines_.push_back(ReadLine(server->output_));
    if (!server->lines_.back().empty()) continue;
    int status = 0;
    waitpid(std::exchange(server->pid_, -1), &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
      return absl::NotFoundError(fmt::format(
          "{} cannot be run; --server names the program", program.string()));
    }
    return absl::UnavailableError(fmt::format(
        "{} did not start: {}", program.string(), server->LastWords()));
  }
  return server;
}

ServerProcess::~ServerProcess() {
  if (pid_ > 0) {
    kill(pid_, SIGTERM);
    const absl::Time patience = absl::Now() + kStopPatience;
    while (waitpid(pid_, nullptr, WNOHANG) == 0) {
      if (absl::Now() > patience) kill(pid_, SIGKILL);
      absl::SleepFor(absl::Milliseconds(20));
    }
  }
  if (output_ >= 0) close(output_);
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

std::string ServerProcess::After(const std::string& prefix) const {
  for (const std::string& line : lines_) {
    if (line.starts_with(prefix)) return line.substr(prefix.size());
  }
  return "";
}

std::string ServerProcess::LastWords() const {
  std::ifstream file(folder_ / kLog);
  std::string last = "it said nothing";
  for (std::string line; std::getline(file, line);) {
    if (!line.empty()) last = line;
  }
  return last;
}

std::filesystem::path OwnServer() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto beside = self.parent_path() / "pinhole-server";
  if (!error && std::filesystem::exists(beside, error)) return beside;
  return "pinhole-server";
}

}  // namespace pinhole::cli
