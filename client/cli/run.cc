// SPDX-License-Identifier: Apache-2.0

#include "client/cli/run.h"

#include <ostream>
#include <utility>

#include "base/options/command_line.h"
#include "client/cli/commands/commands.h"
#include "client/cli/terminal/explain.h"
#include "fmt/format.h"

namespace pinhole::cli {
namespace {

constexpr int kCallFailed = 1;

int Perform(Context& context) {
  const absl::Status status = context.action()();
  context.terminal.out.flush();
  if (status.ok()) return context.exit_code;
  Situation situation{
      .target = context.target, .handle = "", .signing_in = context.signing_in};
  if (context.session()) situation.handle = context.session()->handle;
  context.terminal.err << Explain(status, situation);
  return context.exit_code == 0 ? kCallFailed : context.exit_code;
}

void AddTls(CliCommand app, client::TlsFiles& tls) {
  app.Add("--ca", tls.authorities,
          "PEM file of the certificate authorities to trust instead of the "
          "system's (environment: PINHOLE_CA)");
  app.Add("--client-certificate", tls.certificate,
          "PEM file of the client certificate, for servers that require one "
          "(environment: PINHOLE_CLIENT_CERTIFICATE)")
      .Form("FILE");
  app.Add("--client-key", tls.key,
          "PEM file of the private key of the client certificate (environment: "
          "PINHOLE_CLIENT_KEY)")
      .Form("FILE");
}

}  // namespace

int Run(std::vector<std::string> arguments, Terminal& terminal) {
  Context context(terminal);
  CommandLine app("pinhole", "Share photos with a Pinhole server.",
                  PINHOLE_VERSION);
  app.FallThrough();
  app.Add("--target", context.target,
          "Server to connect to: HOST:PORT, or grpcs://HOST:PORT for TLS "
          "(environment: PINHOLE_TARGET)")
      .ShowDefault();
  AddTls(app, context.tls);
  app.AddFlag("--json", context.json, "Print results as JSON");
  app.AddFlag("--quiet", context.quiet, "Print only results and errors");
  AddPhotoCommands(app, context);
  AddSocialCommands(app, context);
  AddAccountCommands(app, context);
  AddServerCommands(app, context);
  AddSeedCommand(app, context);
  AddLabCommand(app, context);
  context.command_line = fmt::format("{}", fmt::join(arguments, " "));
  if (const auto exit = app.Parse(std::move(arguments))) {
    (exit->code == 0 ? terminal.out : terminal.err) << exit->text;
    return exit->code;
  }
  return Perform(context);
}

}  // namespace pinhole::cli
