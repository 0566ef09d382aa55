// SPDX-License-Identifier: Apache-2.0

#include "client/cli/run.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <ostream>

#include "client/cli/commands.h"
#include "client/cli/explain.h"
#include "client/cli/text.h"
#include "fmt/format.h"

namespace pinhole::cli {
namespace {

constexpr int kCallFailed = 1;
constexpr int kUsage = 2;

// How many letters must change, come or go to make `a` into `b`.
std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t change = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({change, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

std::string UnknownCommand(const CLI::App& app, const std::string& name) {
  std::string best;
  std::size_t best_distance = 3;
  for (const CLI::App* command : app.get_subcommands({})) {
    const std::size_t distance = EditDistance(name, command->get_name());
    if (distance >= best_distance) continue;
    best = command->get_name();
    best_distance = distance;
  }
  std::string text = fmt::format("unknown command '{}'", name);
  if (!best.empty()) text += fmt::format("; did you mean '{}'?", best);
  return text;
}

int ReportUsage(const CLI::App& app, const CLI::ParseError& error,
                Terminal& terminal) {
  if (error.get_exit_code() == 0) {
    // --help and --version arrive as errors.
    return app.exit(error, terminal.out, terminal.err);
  }
  std::string what = error.what();
  const auto rest = app.remaining(true);
  const auto chosen = app.get_subcommands();
  // `lab` has commands of its own.
  const CLI::App& group = chosen.empty() ? app : *chosen.front();
  if (!group.get_subcommands({}).empty() && group.get_subcommands().empty() &&
      !rest.empty() && rest.front().front() != '-') {
    what = UnknownCommand(group, rest.front());
  }
  const std::string command =
      chosen.empty() ? "" : " " + chosen.front()->get_name();
  terminal.err << fmt::format("pinhole: {}\nRun `pinhole{} --help`.\n",
                              Escape(what), command);
  return kUsage;
}

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

void AddTls(CLI::App& app, client::TlsFiles& tls) {
  app.add_option("--ca", tls.authorities,
                 "PEM file of the authorities whose certificates of servers "
                 "are believed, the system's if not given (also PINHOLE_CA)");
  auto* const certificate =
      app.add_option("--client-certificate", tls.certificate,
                     "PEM file of a certificate to show to the server (also "
                     "PINHOLE_CLIENT_CERTIFICATE)");
  auto* const key = app.add_option("--client-key", tls.key,
                                   "PEM file of that certificate's key (also "
                                   "PINHOLE_CLIENT_KEY)");
  certificate->type_name("FILE");
  key->type_name("FILE");
}

}  // namespace

int Run(std::vector<std::string> arguments, Terminal& terminal) {
  Context context(terminal);
  CLI::App app("Share photos with a Pinhole server.", "pinhole");
  app.set_version_flag("--version", PINHOLE_VERSION);
  app.add_option("--target", context.target,
                 "The server, HOST:PORT, or grpcs://HOST:PORT in TLS (also "
                 "PINHOLE_TARGET)")
      ->capture_default_str();
  AddTls(app, context.tls);
  app.add_flag("--json", context.json, "Print JSON, for programs");
  app.add_flag("--quiet", context.quiet, "Print results and errors only");
  app.require_subcommand(1);
  app.fallthrough();
  AddPhotoCommands(app, context);
  AddSocialCommands(app, context);
  AddAccountCommands(app, context);
  AddServerCommands(app, context);
  AddSeedCommand(app, context);
  AddLabCommand(app, context);
  context.command_line = fmt::format("{}", fmt::join(arguments, " "));
  try {
    // CLI11 takes them from the back.
    std::reverse(arguments.begin(), arguments.end());
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    return ReportUsage(app, error, terminal);
  }
  return Perform(context);
}

}  // namespace pinhole::cli
