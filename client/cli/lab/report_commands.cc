// SPDX-License-Identifier: Apache-2.0

// The commands that read reports, and the diagnostic.

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "client/cli/lab/interrupt.h"
#include "client/cli/lab/lab_commands.h"
#include "client/cli/lab/load_arguments.h"
#include "client/cli/lab/publish.h"
#include "client/lab/report/report_file.h"
#include "client/lab/run/compare.h"
#include "client/lab/run/diagnostic.h"
#include "client/lab/run/stages.h"
#include "fmt/format.h"

namespace pinhole::cli {
namespace {

struct CompareArguments {
  std::string before;
  std::string after;
  bool force = false;
  bool stages = false;
  std::string fail_on_regression;
};

struct DiagnosticArguments {
  std::string metrics;
  bool strict = false;
};

struct ReportArguments {
  std::string file;
  OutputArguments outputs;
};

// 0.1 for "10%" or "0.1".
absl::StatusOr<double> ParseShare(const std::string& text) {
  char* end = nullptr;
  double share = std::strtod(text.c_str(), &end);
  if (end != text.c_str() && *end == '%') {
    share /= 100;
    ++end;
  }
  if (end == text.c_str() || *end != '\0' || !(share >= 0)) {
    return absl::InvalidArgumentError(fmt::format(
        "--fail-on-regression must be a percentage such as 10%, got '{}'",
        text));
  }
  return share;
}

// Returns an error if `unlike` is not empty, unless runs that cannot be
// compared are to be compared anyway.
absl::Status CheckAlike(Context& context,
                        const std::vector<std::string>& unlike, bool force) {
  for (const std::string& reason : unlike) {
    context.Say(fmt::format("The runs differ in {}.", reason));
  }
  if (unlike.empty() || force) return absl::OkStatus();
  context.exit_code = kInconclusive;
  return absl::FailedPreconditionError(
      "the environments of the two runs differ, so a comparison says nothing "
      "about the server; --force compares them anyway");
}

absl::Status ShowStages(Context& context, const CompareArguments& arguments) {
  auto sqlite = lab::ReadReport(arguments.before);
  if (!sqlite.ok()) return Failed(context, sqlite.status());
  auto postgres = lab::ReadReport(arguments.after);
  if (!postgres.ok()) return Failed(context, postgres.status());
  const auto stages =
      lab::CompareStages({arguments.before, *std::move(sqlite)},
                         {arguments.after, *std::move(postgres)});
  if (!stages.ok()) return Failed(context, stages.status());
  if (auto status = CheckAlike(context, stages->unlike, arguments.force);
      !status.ok()) {
    return status;
  }
  context.Write(context.json ? lab::StagesJson(*stages)
                             : lab::StagesText(*stages));
  return absl::OkStatus();
}

absl::Status RunCompare(Context& context, const CompareArguments& arguments) {
  if (arguments.stages) return ShowStages(context, arguments);
  double allowed = -1;
  if (!arguments.fail_on_regression.empty()) {
    const auto share = ParseShare(arguments.fail_on_regression);
    if (!share.ok()) return Failed(context, share.status());
    allowed = *share;
  }
  const auto before = lab::ReadReport(arguments.before);
  if (!before.ok()) return Failed(context, before.status());
  const auto after = lab::ReadReport(arguments.after);
  if (!after.ok()) return Failed(context, after.status());
  const auto comparison = lab::Compare(*before, *after);
  if (!comparison.ok()) {
    context.exit_code = kInconclusive;
    return comparison.status();
  }
  if (auto status = CheckAlike(context, comparison->unlike, arguments.force);
      !status.ok()) {
    return status;
  }
  context.Write(context.json ? lab::ComparisonJson(*comparison)
                             : lab::ComparisonText(*comparison));
  if (allowed >= 0 &&
      (!comparison->HasInterval() || !comparison->missing.empty())) {
    context.exit_code = kInconclusive;
  }
  if (allowed >= 0 && comparison->WorstLoss() > allowed) {
    context.Say(fmt::format("A figure got {:.1f} % worse.",
                            100 * comparison->WorstLoss()));
    context.exit_code = kCrossed;
  }
  return absl::OkStatus();
}

absl::Status RunDiagnostic(Context& context,
                           const DiagnosticArguments& arguments) {
  const auto target = TargetOf(context);
  if (!target.ok()) return Failed(context, target.status());
  std::string metrics = arguments.metrics;
  if (metrics.empty()) metrics = lab::MetricsUrlOf(*target);
  if (metrics == "off") metrics.clear();
  const Interrupt interrupt;
  const std::vector<lab::Check> checks =
      lab::Diagnose(*target, metrics, interrupt.stop());
  context.Write(context.json ? lab::ChecksJson(checks)
                             : lab::ChecksText(checks));
  for (const lab::Check& check : checks) {
    if (check.result == lab::Check::Result::kFail ||
        (arguments.strict && check.result == lab::Check::Result::kWarn)) {
      context.exit_code = kCrossed;
    }
  }
  if (std::any_of(checks.begin(), checks.end(),
                  [](const auto& check) { return check.unreachable; })) {
    context.exit_code = kUnreachable;
  }
  if (interrupt.stop()) context.exit_code = kInterrupted;
  return absl::OkStatus();
}

}  // namespace

void AddDiagnosticCommand(CliCommand lab, Context& context) {
  CliCommand command = lab.AddCommand(
      "diagnostic", "Check a server with one call of each kind, and clean up");
  auto arguments = std::make_shared<DiagnosticArguments>();
  command.Add("--metrics", arguments->metrics,
              "URL of the server's metrics, http://HOST:PORT/metrics, or off; "
              "port 9464 of the target by default");
  command.AddFlag("--strict", arguments->strict,
                  "Exit with code 1 on warnings, too");
  context.On(command, [&context, arguments] {
    return RunDiagnostic(context, *arguments);
  });
}

void AddCompareCommand(CliCommand lab, Context& context) {
  CliCommand command = lab.AddCommand(
      "compare", "Compare two reports, with 95 % confidence intervals");
  auto arguments = std::make_shared<CompareArguments>();
  command
      .Add("before", arguments->before,
           "Older report file (JSON); with --stages, a report of a server on "
           "SQLite")
      .Required();
  command
      .Add("after", arguments->after,
           "Newer report file (JSON); with --stages, a report of a server on "
           "PostgreSQL")
      .Required();
  command.AddFlag("--force", arguments->force,
                  "Compare runs even if their environments differ");
  const Option stages = command.AddFlag(
      "--stages", arguments->stages,
      "Show users, requests, errors, writes and connections of a server on "
      "SQLite and of one on PostgreSQL beside the figures of the tutorial");
  command
      .Add("--fail-on-regression", arguments->fail_on_regression,
           "Exit with code 1 if a figure got worse by more than this: 10%")
      .Excludes(stages);
  context.On(command,
             [&context, arguments] { return RunCompare(context, *arguments); });
}

void AddReportCommand(CliCommand lab, Context& context) {
  CliCommand command = lab.AddCommand(
      "report", "Show a report as text, or convert it to a page or markdown");
  auto arguments = std::make_shared<ReportArguments>();
  command.Add("file", arguments->file, "Report file (JSON)").Required();
  AddOutputArguments(command, arguments->outputs);
  context.On(command, [&context, arguments]() -> absl::Status {
    if (auto status = CheckOutput(context, arguments->outputs); !status.ok()) {
      return Failed(context, status);
    }
    const auto report = lab::ReadReport(arguments->file);
    if (!report.ok()) return Failed(context, report.status());
    return Publish(context, arguments->outputs, *report);
  });
}

}  // namespace pinhole::cli
