// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace pinhole::client {

// A pinhole-server of $PINHOLE_BIN.  Its log is DATA_DIR.log.
class ServerProcess {
 public:
  // Starts a server over `data_dir` and waits until it is ready.  `listen` is
  // the address for gRPC; port 0 selects a free one.  Throws if it fails.
  explicit ServerProcess(const std::filesystem::path& data_dir,
                         const std::string& listen = "127.0.0.1:0");
  ~ServerProcess() { Kill(); }
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // The address for gRPC, HOST:PORT.
  const std::string& target() const { return target_; }

  // Sends SIGKILL, and waits for the end.
  void Kill();

 private:
  pid_t pid_ = -1;
  std::string target_;
};

}  // namespace pinhole::client
