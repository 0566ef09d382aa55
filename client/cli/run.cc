// SPDX-License-Identifier: Apache-2.0

#include "client/cli/run.h"

#include <ostream>
#include <utility>

#include "base/options/command_line.h"
#include "client/cli/commands/commands.h"
#include "client/cli/terminal/explain.h"
#include "client/cli/terminal/text.h"
#include "fmt/format.h"

namespace pinhole::cli {
namespace {

constexpr int kCallFailed = 1;

int Perform(Context& context) {
  const absl::Status status = context.action()();
  context.terminal.out.flush();
  if (status.ok()) return context.exit_code;
  Situation situation{.target = context.target,
                      .program = context.program,
                      .handle = "",
                      .signing_in = context.signing_in};
  if (context.session()) situation.handle = context.session()->handle;
  context.terminal.err << Explain(status, situation);
  return context.exit_code == 0 ? kCallFailed : context.exit_code;
}

// The options that determine how to connect.
class ConnectionOptions {
 public:
  // `context` must outlive this object.
  ConnectionOptions(CliCommand app, Context& context) {
    Add(app, "--target", context.target,
        "Server to connect to: HOST:PORT, or grpcs://HOST:PORT for TLS "
        "(environment: PINHOLE_TARGET)")
        .ShowDefault();
    Add(app, "--ca", context.tls.authorities,
        "PEM file of the certificate authorities to trust instead of the "
        "system's (environment: PINHOLE_CA)");
    Add(app, "--client-certificate", context.tls.certificate,
        "PEM file of the client certificate, for servers that require one "
        "(environment: PINHOLE_CLIENT_CERTIFICATE)")
        .Form("FILE");
    Add(app, "--client-key", context.tls.key,
        "PEM file of the private key of the client certificate (environment: "
        "PINHOLE_CLIENT_KEY)")
        .Form("FILE");
  }

  // The options given on the command line, each after a blank.  The environment
  // also applies to the next command, so its settings are not included.
  std::string Given() const {
    std::string text;
    for (const auto& [name, value, option] : added_) {
      if (option.IsGiven()) {
        text += fmt::format(" {} {}", name, ShellWord(*value));
      }
    }
    return text;
  }

 private:
  struct Added {
    std::string name;
    const std::string* value;
    Option option;
  };

  Option Add(CliCommand app, const std::string& name, std::string& value,
             const std::string& help) {
    const Option option = app.Add(name, value, help);
    added_.push_back({name, &value, option});
    return option;
  }

  std::vector<Added> added_;
};

}  // namespace

int Run(std::vector<std::string> arguments, Terminal& terminal) {
  Context context(terminal);
  CommandLine app("pinhole", "Share photos with a Pinhole server.",
                  PINHOLE_VERSION);
  app.FallThrough();
  const ConnectionOptions connection(app, context);
  app.AddFlag("--json", context.json, "Print results as JSON");
  app.AddFlag("--quiet", context.quiet, "Print only results and errors");
  AddPhotoCommands(app, context);
  AddSocialCommands(app, context);
  AddAccountCommands(app, context);
  AddSessionsCommand(app, context);
  AddServerCommands(app, context);
  AddSeedCommand(app, context);
  AddLabCommand(app, context);
  context.command_line = fmt::format("{}", fmt::join(arguments, " "));
  if (const auto exit = app.Parse(std::move(arguments))) {
    (exit->code == 0 ? terminal.out : terminal.err) << exit->text;
    return exit->code;
  }
  context.program += connection.Given();
  return Perform(context);
}

}  // namespace pinhole::cli
