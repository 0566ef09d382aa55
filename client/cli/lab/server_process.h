// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_CLI_LAB_SERVER_PROCESS_H_
#define PINHOLE_CLIENT_CLI_LAB_SERVER_PROCESS_H_

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "client/lab/run/child_process.h"

namespace pinhole::cli {

// A pinhole-server of our own, on free ports of the loopback and a data folder
// that is deleted with it.
class ServerProcess {
 public:
  // `program` is run with `flags` until it says that it is ready.
  // Errors: NOT_FOUND (no such program), UNAVAILABLE (it did not start; has
  // what it said last).
  static absl::StatusOr<std::unique_ptr<ServerProcess>> Start(
      const std::filesystem::path& program,
      const std::vector<std::string>& flags);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // HOST:PORT.
  std::string grpc() const { return process_->After("gRPC listening on "); }
  std::string metrics() const {
    return process_->After("metrics listening on ");
  }

 private:
  explicit ServerProcess(std::filesystem::path folder)
      : folder_(std::move(folder)) {}

  const std::filesystem::path folder_;
  std::unique_ptr<lab::ChildProcess> process_;
};

// The pinhole-server that belongs to this program: beside it, else what the
// shell would find.
std::filesystem::path OwnServer();

}  // namespace pinhole::cli

#endif  // PINHOLE_CLIENT_CLI_LAB_SERVER_PROCESS_H_
