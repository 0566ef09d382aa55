// SPDX-License-Identifier: Apache-2.0

// The commands that put load on a server that runs.

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <utility>

#include "client/cli/lab/clean_command.h"
#include "client/cli/lab/interrupt.h"
#include "client/cli/lab/lab_commands.h"
#include "client/cli/lab/live_line.h"
#include "client/cli/lab/load_arguments.h"
#include "client/cli/lab/publish.h"
#include "client/lab/load/cleanup.h"
#include "client/lab/run/breaking.h"
#include "client/lab/run/inconclusive.h"
#include "client/lab/run/stress.h"
#include "fmt/format.h"

namespace pinhole::cli {
namespace {

struct StressArguments {
  LoadArguments load;
  bool clean = false;
  lab::Ladder ladder;
};

struct BreakingArguments {
  LoadArguments load;
  bool clean = false;
  lab::BreakingOptions options;
  double confirm_seconds = 30;
  std::string only;
};

// What searches say besides that they are done.
bool AnyLimit(const lab::report::Report& report,
              std::initializer_list<std::string_view> outcomes) {
  for (const auto* limit : {&report.rate_limit(), &report.users_limit()}) {
    if (std::find(outcomes.begin(), outcomes.end(), limit->outcome()) !=
        outcomes.end()) {
      return true;
    }
  }
  return false;
}

int ExitCodeOf(const lab::report::Report& report) {
  if (report.partial()) return kInterrupted;
  const bool crossed =
      std::any_of(report.thresholds().begin(), report.thresholds().end(),
                  [](const auto& threshold) { return threshold.crossed(); });
  if (crossed || AnyLimit(report, {"failed_at_once"})) return kCrossed;
  return report.inconclusive().empty() ? 0 : kInconclusive;
}

// The accounts that a run left on the server.
struct Leftovers {
  std::string run;  // The prefix of their handles.
  std::int64_t accounts = 0;
};

// Deletes `leftovers`, or says how to do it.  Returns an error if not all could
// be deleted.
absl::Status CleanUp(Context& context, const lab::Target& target,
                     const Leftovers& leftovers, bool clean) {
  if (!clean) {
    if (leftovers.accounts == 0) return absl::OkStatus();
    context.Say(fmt::format(
        "The run left {0} accounts whose handles begin with {1}; `{2} lab "
        "clean {1}` deletes them, and --clean does so at the end of a run.",
        leftovers.accounts, leftovers.run, context.program));
    return absl::OkStatus();
  }
  context.Say(fmt::format("Deleting the accounts whose handles begin with {}.",
                          leftovers.run));
  // The run may have been interrupted, which does not interrupt this.
  const Interrupt interrupt;
  const auto cleanup =
      lab::DeleteAccounts(target, leftovers.run, interrupt.stop());
  const std::string text = DescribeCleanup(context, cleanup, leftovers.run);
  if (!cleanup.ok())
    return Failed(context, absl::Status(cleanup.status().code(), text));
  if (cleanup->failed > 0) return absl::AbortedError(text);
  context.Say(text);
  return absl::OkStatus();
}

// Opens the lab, calls `work` with it, and publishes the report.
absl::Status Measure(Context& context, const LoadArguments& arguments,
                     const std::string& command, lab::LabOptions options,
                     const std::function<void(lab::Lab&)>& work,
                     Leftovers& leftovers) {
  auto thresholds = ThresholdsFrom(arguments);
  if (!thresholds.ok()) return Failed(context, thresholds.status());
  if (!options.metrics.empty()) {
    context.Say(
        fmt::format("Reading the server's metrics from {}.", options.metrics));
  }
  const Interrupt interrupt;
  lab::report::Report report;
  {
    LiveLine live(context, command);
    auto laboratory = lab::Lab::Open(
        std::move(options), command, interrupt.stop(),
        [&live](const lab::LiveSecond& second) { live.Show(second); });
    if (!laboratory.ok()) return Failed(context, laboratory.status());
    work(**laboratory);
    CheckThresholds(*thresholds, (*laboratory)->figures(),
                    (*laboratory)->report());
    report = (*laboratory)->Finish();
    report.set_inconclusive(lab::WhyInconclusive(report));
    leftovers = {(*laboratory)->run(), (*laboratory)->accounts_left()};
  }
  if (auto status = Publish(context, arguments.output, report); !status.ok()) {
    return status;
  }
  context.exit_code = ExitCodeOf(report);
  return absl::OkStatus();
}

absl::Status RunLab(Context& context, const LoadArguments& arguments,
                    const std::string& command, bool clean,
                    const std::function<void(lab::Lab&)>& work) {
  const auto options = OptionsFrom(arguments, context);
  if (!options.ok()) return Failed(context, options.status());
  Leftovers leftovers;
  absl::Status status =
      Measure(context, arguments, command, *options, work, leftovers);
  // If the lab could not be opened, it has deleted what it had created.
  if (!leftovers.run.empty()) {
    status.Update(CleanUp(context, options->target, leftovers, clean));
  }
  return status;
}

void AddClean(CliCommand command, bool& clean) {
  command.AddFlag("--clean", clean,
                  "Delete the accounts that the run created, also if it is "
                  "interrupted");
}

}  // namespace

absl::Status Failed(Context& context, absl::Status status) {
  if (absl::IsInvalidArgument(status)) context.exit_code = kWrongUsage;
  if (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status)) {
    context.exit_code = kUnreachable;
  }
  return status;
}

void AddStressCommand(CliCommand lab, Context& context) {
  CliCommand command = lab.AddCommand(
      "stress",
      "Measure a server at several numbers of users, or at several rates");
  auto arguments = std::make_shared<StressArguments>();
  arguments->ladder.users = {1, 5, 10, 20};
  const Option users = command
                           .Add("--users", arguments->ladder.users,
                                "Numbers of concurrent users, with a step of "
                                "the run for each; for example 1,5,10,20")
                           .CommaSeparated()
                           .Range(1, 10'000)
                           .ShowDefault();
  command
      .Add("--rates", arguments->ladder.rates,
           "Rates in operations a second, with a step of the run for each, "
           "instead of --users; for example 50,100,200")
      .CommaSeparated()
      .Range(0.1, 1e6)
      .Excludes(users);
  AddClean(command, arguments->clean);
  AddLoadArguments(command, arguments->load);
  context.On(command, [&context, arguments, users] {
    if (!arguments->ladder.rates.empty() && !users.IsGiven()) {
      arguments->ladder.users.clear();
    }
    arguments->load.command_line = context.command_line;
    return RunLab(context, arguments->load, "stress", arguments->clean,
                  [&](lab::Lab& laboratory) {
                    lab::Stress(arguments->ladder, laboratory);
                  });
  });
}

void AddBreakingCommand(CliCommand lab, Context& context) {
  CliCommand command = lab.AddCommand(
      "breaking",
      "Find the highest rate and the largest number of users at which the "
      "server keeps the service level");
  auto arguments = std::make_shared<BreakingArguments>();
  command
      .Add("--only", arguments->only,
           "Search only for the highest rate (rates) or only for the largest "
           "number of users (users)")
      .OneOf({"rates", "users"});
  command
      .Add("--max", arguments->options.max_rate,
           "Highest rate to try, in operations a second")
      .Range(1.0, 1e6)
      .ShowDefault();
  command
      .Add("--max-users", arguments->options.max_users,
           "Largest number of concurrent users to try")
      .Range(1, 10'000)
      .ShowDefault();
  command
      .Add("--precision", arguments->options.precision,
           "Largest ratio of the lowest load that fails to the highest that "
           "passes; 1.05 is 5 %")
      .Range(1.01, 2.0)
      .ShowDefault();
  command
      .Add("--confirm", arguments->confirm_seconds,
           "Duration in seconds for which the limit must hold, measured in "
           "three parts")
      .Range(3.0, 3600.0)
      .ShowDefault();
  AddClean(command, arguments->clean);
  AddLoadArguments(command, arguments->load);
  context.On(command, [&context, arguments] {
    lab::BreakingOptions& options = arguments->options;
    options.rates = arguments->only != "users";
    options.users = arguments->only != "rates";
    options.confirm = absl::Seconds(arguments->confirm_seconds);
    arguments->load.command_line = context.command_line;
    return RunLab(
        context, arguments->load, "breaking", arguments->clean,
        [&](lab::Lab& laboratory) { lab::Break(options, laboratory); });
  });
}

}  // namespace pinhole::cli
