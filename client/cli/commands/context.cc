// SPDX-License-Identifier: Apache-2.0

#include "client/cli/commands/context.h"

#include <ostream>
#include <utility>

#include "client/cli/terminal/text.h"

namespace pinhole::cli {

Context::Context(Terminal& terminal)
    : terminal(terminal),
      sessions(SessionPath(terminal)),
      target(terminal.env("PINHOLE_TARGET")) {
  if (target.empty()) target = "127.0.0.1:50051";
  tls = {.authorities = terminal.env("PINHOLE_CA"),
         .certificate = terminal.env("PINHOLE_CLIENT_CERTIFICATE"),
         .key = terminal.env("PINHOLE_CLIENT_KEY")};
}

void Context::On(CliCommand command, Action run) {
  command.OnParsed([this, run = std::move(run)] { action_ = run; });
}

absl::StatusOr<client::Client*> Context::Connect() {
  if (!client_) {
    auto session = sessions.Find(target);
    if (!session.ok()) return session.status();
    session_ = *std::move(session);
    client_.emplace(NewClient());
    if (session_) client_->set_token(session_->token);
  }
  return &*client_;
}

client::Client Context::NewClient(client::Options options) const {
  options.tls = tls;
  return client::Client(target, std::move(options));
}

void Context::Say(std::string_view line) {
  if (!quiet) terminal.err << Escape(line) << "\n";
}

absl::Status Context::Misuse(const std::string& message) {
  exit_code = kWrongUsage;
  return absl::InvalidArgumentError(message);
}

void Context::Write(std::string_view text) { terminal.out << text; }

absl::Status Context::Show(const google::protobuf::Message& result,
                           std::string_view line) {
  if (json) {
    Write(Json(result) + "\n");
  } else {
    Say(line);
  }
  return absl::OkStatus();
}

}  // namespace pinhole::cli
