// SPDX-License-Identifier: Apache-2.0

// Measures what each improvement gains: puts the same load on servers that the
// command starts, from the tutorial's configuration to the default one.

#include <memory>
#include <utility>

#include "client/cli/lab/interrupt.h"
#include "client/cli/lab/lab_commands.h"
#include "client/cli/lab/live_line.h"
#include "client/cli/lab/load_arguments.h"
#include "client/cli/lab/publish.h"
#include "client/cli/lab/server_process.h"
#include "client/cli/seed/seeder.h"
#include "client/lab/run/breaking.h"
#include "client/lab/run/inconclusive.h"
#include "client/lab/run/stress.h"
#include "fmt/format.h"

namespace pinhole::cli {
namespace {

namespace report = lab::report;

struct Setting {
  const char* name;
  // In addition to the flags of the settings before it.
  std::vector<std::string> flags;
};

// In order: each setting includes those before it.
std::vector<Setting> Settings() {
  return {{"naive", {"--profile", "naive"}},
          {"+ connection reuse", {"--connections", "kept"}},
          {"+ busy timeout and retry", {"--busy", "wait"}},
          {"+ write batching", {"--writes", "queued"}},
          {"+ cache", {"--cache-mib", "64"}},
          {"default (+ hash pool)", {"--hashing", "pool"}}};
}

struct AblationArguments {
  LoadArguments load;
  lab::Ladder ladder;
  std::string server;
  bool search = true;
  int users = 20;
  int photos = 60;
};

// Creates enough users, photos and follows that feeds are full.
absl::Status Seed(const std::string& target,
                  const AblationArguments& ablation) {
  const seed::PlanOptions options{.users = ablation.users,
                                  .photos = ablation.photos,
                                  .follows = 8 * ablation.users,
                                  .likes = 5 * ablation.photos,
                                  .comments = ablation.photos};
  const seed::Plan plan = seed::MakePlan(options);
  // One call at a time: the naive server rejects concurrent writes.
  seed::Crew crew(1, 0);
  seed::Seeder seeder(client::Client(target), plan, ablation.load.password, {},
                      crew);
  const seed::Summary summary = seeder.Run();
  if (summary.failed() == 0) return absl::OkStatus();
  return absl::AbortedError(
      fmt::format("seeding failed: {}", fmt::join(crew.failures(), "; ")));
}

// Starts and seeds a server with one setting, and measures it.
absl::StatusOr<report::Report> Measure(Context& context,
                                       const AblationArguments& ablation,
                                       const Setting& setting,
                                       const std::vector<std::string>& flags,
                                       lab::LabOptions options,
                                       const std::atomic<bool>& stop) {
  const auto program = ablation.server.empty()
                           ? OwnServer()
                           : std::filesystem::path(ablation.server);
  context.Say(fmt::format("{}: pinhole-server {}", setting.name,
                          fmt::join(flags, " ")));
  auto server = ServerProcess::Start(program, flags);
  if (!server.ok()) return server.status();
  if (auto status = Seed((*server)->grpc(), ablation); !status.ok()) {
    return status;
  }
  options.target = {lab::Dialect::kGrpc, {(*server)->grpc()}};
  options.metrics = fmt::format("http://{}/metrics", (*server)->metrics());
  LiveLine live(context, setting.name);
  auto laboratory =
      lab::Lab::Open(std::move(options), "ablation", stop,
                     [&](const lab::LiveSecond& second) { live.Show(second); });
  if (!laboratory.ok()) return laboratory.status();
  lab::Stress(ablation.ladder, **laboratory);
  if (ablation.search) {
    lab::Break({.overload = false,
                .max_rate = 20'000,
                .max_users = 256,
                // An ablation has no options for these caps.
                .max_rate_option = "",
                .max_users_option = "",
                .precision = 1.1,
                .confirm = 2 * (*laboratory)->options().measure},
               **laboratory);
  }
  return (*laboratory)->Finish();
}

void AddVariant(const Setting& setting, const std::vector<std::string>& flags,
                report::Report&& of_variant, report::Report& whole) {
  if (whole.variants().empty()) {
    whole = of_variant;
    whole.clear_steps();
    whole.clear_rate_limit();
    whole.clear_users_limit();
    whole.clear_findings();
    // Each variant has its own.
    whole.clear_rows_before();
    whole.clear_rows_after();
    whole.mutable_environment()->clear_database();
  }
  // Each variant had its own server, which has ended.
  whole.mutable_config()->clear_targets();
  whole.mutable_config()->clear_metrics();
  if (!whole.variants().empty()) {
    whole.set_seconds(whole.seconds() + of_variant.seconds());
  }
  whole.set_partial(of_variant.partial());
  report::Variant& variant = *whole.add_variants();
  variant.set_name(setting.name);
  variant.set_flags(fmt::format("{}", fmt::join(flags, " ")));
  variant.mutable_steps()->Swap(of_variant.mutable_steps());
  // A limit is present only if there was a search for it.
  if (of_variant.has_rate_limit()) {
    variant.mutable_rate_limit()->Swap(of_variant.mutable_rate_limit());
  }
  if (of_variant.has_users_limit()) {
    variant.mutable_users_limit()->Swap(of_variant.mutable_users_limit());
  }
  variant.mutable_findings()->Swap(of_variant.mutable_findings());
}

absl::Status RunAblation(Context& context, const AblationArguments& ablation) {
  if (!ablation.load.thresholds.empty()) {
    return Failed(context,
                  absl::InvalidArgumentError(fmt::format(
                      "--fail cannot be used with an ablation; use `{} lab "
                      "stress --fail`",
                      context.program)));
  }
  const auto options = OptionsFrom(ablation.load, context);
  if (!options.ok()) return Failed(context, options.status());
  const Interrupt interrupt;
  report::Report whole;
  absl::Status status;
  std::vector<std::string> flags;
  for (const Setting& setting : Settings()) {
    flags.insert(flags.end(), setting.flags.begin(), setting.flags.end());
    auto measured =
        Measure(context, ablation, setting, flags, *options, interrupt.stop());
    status = measured.status();
    if (status.ok()) AddVariant(setting, flags, *std::move(measured), whole);
    if (!status.ok() || interrupt.stop()) break;
  }
  if (interrupt.stop()) {
    // A failure after the interruption is a consequence of it.
    status = absl::OkStatus();
    whole.set_partial(true);
    context.exit_code = kInterrupted;
  }
  whole.set_inconclusive(lab::WhyInconclusive(whole));
  if (status.ok() && !interrupt.stop() && !whole.inconclusive().empty()) {
    context.exit_code = kInconclusive;
  }
  // What was measured before a failure is not lost.
  if (!whole.variants().empty()) {
    status.Update(Publish(context, ablation.load.output, whole));
  }
  return status.ok() ? status : Failed(context, status);
}

}  // namespace

void AddAblationCommand(CliCommand lab, Context& context) {
  CliCommand command = lab.AddCommand(
      "ablation",
      "Start servers with one improvement more each, from `--profile naive` to "
      "the default settings, and measure what each improvement gains");
  auto arguments = std::make_shared<AblationArguments>();
  arguments->ladder.users = {1, 5, 20};
  command
      .Add("--users", arguments->ladder.users,
           "Numbers of concurrent users, with a step for each; for example "
           "1,5,20")
      .CommaSeparated()
      .Range(1, 10'000)
      .ShowDefault();
  command.AddFlag("!--no-search", arguments->search,
                  "Do not search for the highest rate and the largest number "
                  "of users");
  command
      .Add("--seed-users", arguments->users,
           "Number of users that are created on each server before the load")
      .Range(2, 10'000)
      .ShowDefault();
  command
      .Add("--seed-photos", arguments->photos,
           "Number of photos that are published on each server before the load")
      .Range(1, 100'000)
      .ShowDefault();
  command.Add("--server", arguments->server,
              "Path of the pinhole-server to start; by default the one in the "
              "directory of this program");
  AddLoadArguments(command, arguments->load);
  context.On(command, [&context, arguments] {
    arguments->load.command_line = context.command_line;
    return RunAblation(context, *arguments);
  });
}

}  // namespace pinhole::cli
