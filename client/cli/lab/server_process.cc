// SPDX-License-Identifier: Apache-2.0

#include "client/cli/lab/server_process.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "fmt/format.h"

namespace pinhole::cli {
namespace {

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
  // Deletes the folder from now on.
  std::unique_ptr<ServerProcess> server(new ServerProcess(*folder));
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
  auto process =
      lab::ChildProcess::Start(std::move(command), *folder / "server.log");
  if (absl::IsNotFound(process.status())) {
    return absl::NotFoundError(
        fmt::format("{}; --server names the program",
                    std::string(process.status().message())));
  }
  if (!process.ok()) return process.status();
  server->process_ = *std::move(process);
  return server;
}

ServerProcess::~ServerProcess() {
  process_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::filesystem::path OwnServer() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto beside = self.parent_path() / "pinhole-server";
  if (!error && std::filesystem::exists(beside, error)) return beside;
  return "pinhole-server";
}

}  // namespace pinhole::cli
