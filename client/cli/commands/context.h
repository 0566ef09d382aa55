// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/options/cli_command.h"
#include "client/cli/commands/session_file.h"
#include "client/cli/terminal/printers.h"
#include "client/cli/terminal/terminal.h"
#include "pinhole/client.h"

namespace pinhole::cli {

// The exit code of usage errors that are found after parsing.
inline constexpr int kWrongUsage = 2;

// The environment of a command: the global options, the connection with the
// stored session, and output.  Not thread-safe.
class Context {
 public:
  // `terminal` must outlive this object.
  explicit Context(Terminal& terminal);

  Terminal& terminal;
  SessionFile sessions;
  std::string target;
  client::TlsFiles tls;      // For grpcs:// targets.
  std::string command_line;  // The program's arguments, for reports.
  // The beginning of suggested commands: "pinhole" and the connection options
  // that were given on the command line.
  std::string program = "pinhole";
  bool json = false;
  bool quiet = false;
  bool signing_in = false;  // Whether the command signs in.
  int exit_code = 0;        // The exit code if the command succeeds.

  // Calls `run` if the command line names `command`.
  using Action = std::function<absl::Status()>;
  void On(CliCommand command, Action run);
  const Action& action() const { return action_; }

  // Returns the client, with the token of the stored session if there is one.
  // The first call creates it.  Errors: the session file cannot be read.
  absl::StatusOr<client::Client*> Connect();

  // Returns a new client of the target without a session.  Ignores the TLS
  // files of `options`.
  client::Client NewClient(client::Options options = {}) const;

  // The session that `Connect` found, if any.
  const std::optional<StoredSession>& session() const { return session_; }

  // Writes a message that is not the command's result to standard error.
  void Say(std::string_view line);

  // Sets the exit code of a usage error, and returns the error.
  absl::Status Misuse(const std::string& message);

  // Write the command's result to standard output.
  void Write(std::string_view text);
  template <typename T>
  absl::Status Show(const absl::StatusOr<T>& result);
  template <typename T>
  absl::Status Show(const absl::StatusOr<std::vector<T>>& result);
  // Writes `result` with --json, otherwise the message `line` to standard
  // error.
  absl::Status Show(const google::protobuf::Message& result,
                    std::string_view line);

 private:
  Action action_;
  std::optional<client::Client> client_;
  std::optional<StoredSession> session_;
};

template <typename T>
absl::Status Context::Show(const absl::StatusOr<T>& result) {
  if (!result.ok()) return result.status();
  Write(json ? Json(*result) + "\n" : Describe(*result));
  return absl::OkStatus();
}

template <typename T>
absl::Status Context::Show(const absl::StatusOr<std::vector<T>>& result) {
  if (!result.ok()) return result.status();
  if (json) {
    Write(JsonList(*result) + "\n");
  } else if (result->empty()) {
    Say("Nothing to show.");
  } else {
    Write(TableOf(*result).Format());
  }
  return absl::OkStatus();
}

}  // namespace pinhole::cli
