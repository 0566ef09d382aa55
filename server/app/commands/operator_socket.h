// SPDX-License-Identifier: Apache-2.0

// The Unix socket `operator.sock` in the data directory, through which the
// operator's commands reach the running server.  Everybody who can open the
// directory can send commands; it belongs to its owner only (mode 0700), and so
// does the socket.
//
// A request is one line, "ACTION HANDLE\n" or "ACTION\n"; the answer is
// "ok\nTEXT" or "CODE\nMESSAGE", CODE being the number of the status, and ends
// with the connection.

#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "server/app/commands/admin_commands.h"
#include "server/store/store.h"

namespace pinhole::app {

class OperatorSocket {
 public:
  // Accepts commands, one at a time, until destruction.  Replaces a socket that
  // a killed server left behind.  `store` must outlive this object. Errors:
  // UNAVAILABLE (the file system refuses).
  static absl::StatusOr<std::unique_ptr<OperatorSocket>> Listen(
      const std::filesystem::path& data_dir, Store& store);
  ~OperatorSocket();

  OperatorSocket(const OperatorSocket&) = delete;
  OperatorSocket& operator=(const OperatorSocket&) = delete;

 private:
  OperatorSocket(std::filesystem::path path, Store& store, int listener,
                 int stop);
  void Run();
  void Answer(int connection);

  const std::filesystem::path path_;
  Store& store_;
  const int listener_;  // File descriptors.
  const int stop_;
  std::thread thread_;
};

// Lets the server that runs on `data_dir` run a command. Errors: those of
// `RunAdmin`; FAILED_PRECONDITION (it is starting or stopping, or another
// command holds the lock), UNAVAILABLE (no answer).
absl::StatusOr<std::string> SendToServer(const std::filesystem::path& data_dir,
                                         const AdminRequest& request);

}  // namespace pinhole::app
