// SPDX-License-Identifier: Apache-2.0

#include "client/cli/run.h"

#include <ostream>
#include <utility>

#include "base/options/command_line.h"
#include "client/cli/commands.h"
#include "client/cli/explain.h"
#include "client/cli/text.h"
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
          "PEM file of the authorities whose certificates of servers "
          "are believed, the system's if not given (also PINHOLE_CA)");
  app.Add("--client-certificate", tls.certificate,
          "PEM file of a certificate to show to the server (also "
          "PINHOLE_CLIENT_CERTIFICATE)")
      .Form("FILE");
  app.Add("--client-key", tls.key,
          "PEM file of that certificate's key (also PINHOLE_CLIENT_KEY)")
      .Form("FILE");
}

}  // namespace

int Run(std::vector<std::string> arguments, Terminal& terminal) {
  Context context(terminal);
  CommandLine app("pinhole", "Share photos with a Pinhole server.",
                  PINHOLE_VERSION);
  app.FallThrough();
  app.Add("--target", context.target,
          "The server, HOST:PORT, or grpcs://HOST:PORT in TLS (also "
          "PINHOLE_TARGET)")
      .ShowDefault();
  AddTls(app, context.tls);
  app.AddFlag("--json", context.json, "Print JSON, for programs");
  app.AddFlag("--quiet", context.quiet, "Print results and errors only");
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
