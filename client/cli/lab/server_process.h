// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "client/lab/run/child_process.h"

namespace pinhole::cli {

// A pinhole-server that this program starts, on free loopback ports and with a
// data folder that is deleted with this object.
class ServerProcess {
 public:
  // Starts `program` with `flags` and waits until it is ready.
  // Errors: NOT_FOUND (no such program), UNAVAILABLE (it did not start; with
  // the last line of its log).
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

// The pinhole-server in the directory of this program, else the one in PATH.
std::filesystem::path OwnServer();

}  // namespace pinhole::cli
