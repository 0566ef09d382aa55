// SPDX-License-Identifier: Apache-2.0

// The commands that put load on a server that runs.

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <utility>

#include "client/cli/lab/interrupt.h"
#include "client/cli/lab/lab_commands.h"
#include "client/cli/lab/live_line.h"
#include "client/cli/lab/load_arguments.h"
#include "client/cli/lab/publish.h"
#include "client/lab/run/breaking.h"
#include "client/lab/run/stress.h"
#include "fmt/format.h"

namespace pinhole::cli {
namespace {

struct StressArguments {
  LoadArguments load;
  lab::Ladder ladder;
};

struct BreakingArguments {
  LoadArguments load;
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

// Whether the lab, or too few answers, keep a run from saying anything firm.
bool IsInconclusive(const lab::report::Report& report) {
  if (AnyLimit(report, {"generator_limited", "not_confirmed"})) return true;
  return std::any_of(
      report.steps().begin(), report.steps().end(), [](const auto& step) {
        if (step.purpose() == "confirm") return !step.enough_samples();
        return step.purpose() == "ladder" && step.generator_limited();
      });
}

int ExitCodeOf(const lab::report::Report& report) {
  if (report.partial()) return kInterrupted;
  const bool crossed =
      std::any_of(report.thresholds().begin(), report.thresholds().end(),
                  [](const auto& threshold) { return threshold.crossed(); });
  if (crossed || AnyLimit(report, {"failed_at_once"})) return kCrossed;
  return IsInconclusive(report) ? kInconclusive : 0;
}

// Opens the lab, has `work` run it, and publishes the report.
absl::Status RunLab(Context& context, const LoadArguments& arguments,
                    const std::string& command,
                    const std::function<void(lab::Lab&)>& work) {
  auto options = OptionsFrom(arguments, context);
  if (!options.ok()) return Failed(context, options.status());
  auto thresholds = ThresholdsFrom(arguments);
  if (!thresholds.ok()) return Failed(context, thresholds.status());
  if (!options->metrics.empty()) {
    context.Say(
        fmt::format("Reading the server's metrics from {}.", options->metrics));
  }
  const Interrupt interrupt;
  lab::report::Report report;
  {
    LiveLine live(context, command);
    auto laboratory = lab::Lab::Open(
        *std::move(options), command, interrupt.stop(),
        [&live](const lab::LiveSecond& second) { live.Show(second); });
    if (!laboratory.ok()) return Failed(context, laboratory.status());
    work(**laboratory);
    CheckThresholds(*thresholds, (*laboratory)->figures(),
                    (*laboratory)->report());
    report = (*laboratory)->Finish();
  }
  if (auto status = Publish(context, arguments.output, report); !status.ok()) {
    return status;
  }
  context.exit_code = ExitCodeOf(report);
  return absl::OkStatus();
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
      "stress", "Put more and more users, or rates, on a server");
  auto arguments = std::make_shared<StressArguments>();
  arguments->ladder.users = {1, 5, 10, 20};
  const Option users = command
                           .Add("--users", arguments->ladder.users,
                                "Users at once, one step each")
                           .CommaSeparated()
                           .Range(1, 10'000)
                           .ShowDefault();
  command
      .Add("--rates", arguments->ladder.rates,
           "Instead of users: operations a second, one step each")
      .CommaSeparated()
      .Range(0.1, 1e6)
      .Excludes(users);
  AddLoadArguments(command, arguments->load);
  context.On(command, [&context, arguments, users] {
    if (!arguments->ladder.rates.empty() && !users.IsGiven()) {
      arguments->ladder.users.clear();
    }
    arguments->load.command_line = context.command_line;
    return RunLab(context, arguments->load, "stress",
                  [&](lab::Lab& laboratory) {
                    lab::Stress(arguments->ladder, laboratory);
                  });
  });
}

void AddBreakingCommand(CliCommand lab, Context& context) {
  CliCommand command = lab.AddCommand(
      "breaking",
      "Find the highest rate and the most users that keep the service level");
  auto arguments = std::make_shared<BreakingArguments>();
  command
      .Add("--only", arguments->only,
           "Only the search by rates, or only that by users")
      .OneOf({"rates", "users"});
  command
      .Add("--max", arguments->options.max_rate,
           "Operations a second to go up to")
      .Range(1.0, 1e6)
      .ShowDefault();
  command.Add("--max-users", arguments->options.max_users, "Users to go up to")
      .Range(1, 10'000)
      .ShowDefault();
  command
      .Add("--precision", arguments->options.precision,
           "How close the lowest failing load is to the highest "
           "passing one: 1.05 is 5 %")
      .Range(1.01, 2.0)
      .ShowDefault();
  command
      .Add("--confirm", arguments->confirm_seconds,
           "Seconds that the limit has to hold, in three parts")
      .Range(3.0, 3600.0)
      .ShowDefault();
  AddLoadArguments(command, arguments->load);
  context.On(command, [&context, arguments] {
    lab::BreakingOptions& options = arguments->options;
    options.rates = arguments->only != "users";
    options.users = arguments->only != "rates";
    options.confirm = absl::Seconds(arguments->confirm_seconds);
    arguments->load.command_line = context.command_line;
    return RunLab(
        context, arguments->load, "breaking",
        [&](lab::Lab& laboratory) { lab::Break(options, laboratory); });
  });
}

}  // namespace pinhole::cli
