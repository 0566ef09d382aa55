// SPDX-License-Identifier: Apache-2.0

#include "client/test/server_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

namespace pinhole::client {

ServerProcess::ServerProcess(const std::filesystem::path& data_dir,
                             const std::string& listen) {
  const char* bin = std::getenv("PINHOLE_BIN");
  const std::string program =
      std::string(bin != nullptr ? bin : "build/release/bin") +
      "/pinhole-server";
  const std::string folder = data_dir.string();
  const std::string log = folder + ".log";
  const char* const arguments[] = {
      program.c_str(), "--data-dir",    folder.c_str(), "--grpc-listen",
      listen.c_str(),  "--http-listen", "127.0.0.1:0",  "--metrics-listen",
      "127.0.0.1:0",   nullptr};
  int output[2];
  if (pipe2(output, O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0600);
  const int error = posix_spawn(&pid_, program.c_str(), &actions, nullptr,
                                const_cast<char* const*>(arguments), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(output[1]);
  if (error != 0) {
    pid_ = -1;
    close(output[0]);
    throw std::runtime_error("cannot start " + program +
                             "; set PINHOLE_BIN to the folder of the servers");
  }
  std::FILE* lines = fdopen(output[0], "r");
  char line[1000];
  bool ready = false;
  while (!ready && std::fgets(line, sizeof(line), lines) != nullptr) {
    std::string_view text(line);
    constexpr std::string_view kListening = "gRPC listening on ";
    ready = text.starts_with("ready");
    if (!text.starts_with(kListening)) continue;
    text.remove_prefix(kListening.size());
    target_ = text.substr(0, text.find_first_of(" \n"));
  }
  // The server writes nothing to this pipe after it is ready until it stops.
  std::fclose(lines);
  if (ready && !target_.empty()) return;
  Kill();
  throw std::runtime_error("the server did not start; see " + log);
}

void ServerProcess::Kill() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

}  // namespace pinhole::client
