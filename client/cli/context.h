// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_CLI_CONTEXT_H_
#define PINHOLE_CLIENT_CLI_CONTEXT_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/options/cli_command.h"
#include "client/cli/printers.h"
#include "client/cli/session_file.h"
#include "client/cli/terminal.h"
#include "pinhole/client.h"

namespace pinhole::cli {

// What a command works with: the options that stand before every command, the
// connection with the stored login, and the ways to print.  Not thread-safe.
class Context {
 public:
  // `terminal` must outlive this object.
  explicit Context(Terminal& terminal);

  Terminal& terminal;
  SessionFile sessions;
  std::string target;
  client::TlsFiles tls;      // For grpcs:// targets.
  std::string command_line;  // The arguments, for those who report them.
  bool json = false;
  bool quiet = false;
  bool signing_in = false;  // The command is about logging in.
  int exit_code = 0;        // Of a command that did not fail.

  // Has `run` called when the command line names `command`.
  using Action = std::function<absl::Status()>;
  void On(CliCommand command, Action run);
  const Action& action() const { return action_; }

  // The client, connected with the first call, with the stored login if any.
  // Errors: the session file cannot be read.
  absl::StatusOr<client::Client*> Connect();

  // A client of the target without a login; `options` but for TLS.
  client::Client NewClient(client::Options options = {}) const;

  // The login that `Connect` found, if any.
  const std::optional<StoredSession>& session() const { return session_; }

  // A line for people that is not the command's result, on standard error.
  void Say(std::string_view line);

  // The command's result, on standard output.
  void Write(std::string_view text);
  template <typename T>
  absl::Status Show(const absl::StatusOr<T>& result);
  template <typename T>
  absl::Status Show(const absl::StatusOr<std::vector<T>>& result);
  // The same for a command whose people read `line`, on standard error.
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

#endif  // PINHOLE_CLIENT_CLI_CONTEXT_H_
