// SPDX-License-Identifier: Apache-2.0

// The Unix socket `operator.sock` in the data folder, through which commands of
// the operator reach the server that runs on it.  Whoever can open the folder
// can give commands: it is its owner's only (mode 0700), and so is the socket.
//
// A request is one line, "ACTION HANDLE\n" or "ACTION\n"; the answer is
// "ok\nTEXT" or "CODE\nMESSAGE", CODE being the number of the status, and ends
// with the connection.

#ifndef PINHOLE_SERVER_APP_COMMANDS_OPERATOR_SOCKET_H_
#define PINHOLE_SERVER_APP_COMMANDS_OPERATOR_SOCKET_H_

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
  // Takes commands, one at a time, until it is destroyed.  Replaces a socket
  // that a killed server left.  `store` must outlive it.
  // Errors: UNAVAILABLE (the file system refuses).
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

// Has the server that runs on `data_dir` do what is asked.
// Errors: those of `RunAdmin`; FAILED_PRECONDITION (it is starting or stopping,
// or another command has the folder), UNAVAILABLE (it did not answer).
absl::StatusOr<std::string> AskServer(const std::filesystem::path& data_dir,
                                      const AdminRequest& request);

}  // namespace pinhole::app

#endif  // PINHOLE_SERVER_APP_COMMANDS_OPERATOR_SOCKET_H_
