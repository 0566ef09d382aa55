// SPDX-License-Identifier: Apache-2.0

#include "client/cli/lab/load_arguments.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "client/cli/lab/publish.h"
#include "fmt/format.h"

namespace pinhole::cli {
namespace {

// More threads would compete with each other and with the server for cores.
constexpr int kMostWorkers = 256;
// A gRPC connection carries many calls at a time, an HTTP/1.1 connection one.
constexpr int kGrpcConnections = 32;
constexpr int kHttpConnections = 256;

// The command that fills the servers of `target`.  It needs one gRPC server.
std::string SeedCommand(const Context& context, const lab::Target& target) {
  const bool usable =
      target.dialect == lab::Dialect::kGrpc && target.addresses.size() == 1;
  return usable ? context.program + " seed" : "pinhole --target HOST:PORT seed";
}

}  // namespace

void AddLoadArguments(CliCommand command, LoadArguments& arguments) {
  command
      .Add("--profile", arguments.profile,
           "Operations of the load: newcomer, reader, writer, login_storm or "
           "hotspot")
      .ShowDefault();
  command.Add("--mix", arguments.mix,
              "Operations of the load by weight, instead of --profile; for "
              "example feed=60,profile=30,upload=10");
  command
      .Add("--think", arguments.think_seconds,
           "Mean pause of a user after each operation, in seconds")
      .Range(0.0, 3600.0)
      .ShowDefault();
  command
      .Add("--warmup", arguments.warmup_seconds,
           "Seconds of load before each measurement, which are not counted")
      .Range(0.0, 3600.0)
      .ShowDefault();
  command
      .Add("--duration", arguments.measure_seconds,
           "Seconds of each step that are measured")
      .Range(1.0, 86400.0)
      .ShowDefault();
  command
      .Add("--timeout", arguments.timeout_seconds,
           "Deadline of a call in seconds; a later answer counts as a failure")
      .Range(0.1, 60.0)
      .ShowDefault();
  command
      .Add("--arrivals", arguments.arrivals,
           "Intervals between the calls of a rate: poisson (random) or "
           "constant")
      .OneOf({"poisson", "constant"})
      .ShowDefault();
  command
      .Add("--connections", arguments.connections,
           "Maximum number of TCP connections; a user has one. 0 means 32 for "
           "gRPC, and 256 for HTTP, where a connection carries one call at a "
           "time")
      .Range(0, 10000);
  command
      .Add("--workers", arguments.workers,
           "Threads that make the load; 0 means one for every two cores")
      .Range(0, kMostWorkers);
  command
      .Add("--max-in-flight", arguments.max_in_flight,
           "Maximum number of concurrent calls at a rate; further calls are "
           "dropped and count as failures")
      .Range(1, 1'000'000)
      .ShowDefault();
  command
      .Add("--people", arguments.people,
           "Number of sessions that the load uses, with profiles other than "
           "newcomer")
      .Range(1, 100'000)
      .ShowDefault();
  command
      .Add("--password", arguments.password,
           "Password of the users that `pinhole seed` created; if it is wrong, "
           "the run creates users of its own and deletes them at its end")
      .ShowDefault();
  command.Add("--sessions", arguments.sessions,
              "File with sessions to use, written by `pinhole seed "
              "--sessions`");
  command
      .Add("--seed", arguments.seed,
           "Seed of the random numbers; equal seeds give equal loads")
      .ShowDefault();
  command.Add(
      "--metrics", arguments.metrics,
      "URL of the server's metrics, http://HOST:PORT/metrics, or off to "
      "measure without them; by default port 9464 of the target's host");
  command
      .Add("--slo-p99", arguments.slo_p99_ms,
           "Service level: upper bound of the 99th percentile of the response "
           "time, in milliseconds")
      .Range(0.1, 60000.0)
      .ShowDefault();
  command
      .Add("--slo-errors", arguments.slo_errors_percent,
           "Service level: upper bound of the share of calls that fail, in "
           "percent")
      .Range(0.001, 100.0)
      .ShowDefault();
  command.Add("--fail", arguments.thresholds,
              "Exit with code 1 unless this condition holds, for example "
              "'p99(feed)<100ms', 'errors<1%' or 'rate>50'; can be given "
              "several times");
  AddOutputArguments(command, arguments.output);
}

void AddOutputArguments(CliCommand command, OutputArguments& arguments) {
  command.Add("--output", arguments.json_file,
              "Write the report to this file as JSON, for `pinhole lab report` "
              "and `pinhole lab compare`; - is standard output");
  command.Add("--html", arguments.html_file,
              "Write the report to this file as an HTML page; - is standard "
              "output");
  command.Add(
      "--markdown", arguments.markdown_file,
      "Write the report to this file as Markdown; - is standard output");
}

absl::StatusOr<lab::Target> TargetOf(const Context& context) {
  auto target = lab::ParseTarget(context.target);
  if (!target.ok()) return target;
  target->tls = context.tls;
  target->seed_command = SeedCommand(context, *target);
  if (auto tls = target->CheckTls(); !tls.ok()) return tls;
  return target;
}

absl::StatusOr<lab::LabOptions> OptionsFrom(const LoadArguments& arguments,
                                            const Context& context) {
  if (auto status = CheckOutput(context, arguments.output); !status.ok()) {
    return status;
  }
  lab::LabOptions options;
  auto target = TargetOf(context);
  if (!target.ok()) return target.status();
  options.target = *std::move(target);
  auto profile = arguments.mix.empty() ? lab::ProfileNamed(arguments.profile)
                                       : lab::ParseMix(arguments.mix);
  if (!profile.ok()) return profile.status();
  if (!profile->is_story() && profile->Has(lab::Operation::kRegister)) {
    return absl::InvalidArgumentError(
        "--mix cannot contain register, which only the profile newcomer does; "
        "use --profile newcomer");
  }
  options.profile = *std::move(profile);
  if (arguments.metrics.empty()) {
    options.metrics = lab::MetricsUrlOf(options.target);
  } else if (arguments.metrics != "off") {
    if (!arguments.metrics.starts_with("http://")) {
      return absl::InvalidArgumentError(fmt::format(
          "--metrics must be http://HOST:PORT/metrics or off, got '{}'",
          arguments.metrics));
    }
    options.metrics = arguments.metrics;
  }
  options.survey.people = arguments.people;
  options.survey.password = arguments.password;
  options.survey.sessions = arguments.sessions;
  const int cores =
      std::max(static_cast<int>(std::thread::hardware_concurrency()), 1);
  options.fleet.workers = static_cast<std::size_t>(
      arguments.workers > 0 ? arguments.workers : std::max(cores / 2, 1));
  const bool grpc = options.target.dialect == lab::Dialect::kGrpc;
  const int usual = grpc ? kGrpcConnections : kHttpConnections;
  options.fleet.connections = static_cast<std::size_t>(
      arguments.connections > 0 ? arguments.connections : usual);
  options.fleet.seed = arguments.seed;
  options.arrivals = arguments.arrivals == "constant" ? lab::Arrivals::kConstant
                                                      : lab::Arrivals::kPoisson;
  options.think = absl::Seconds(arguments.think_seconds);
  options.warmup = absl::Seconds(arguments.warmup_seconds);
  options.measure = absl::Seconds(arguments.measure_seconds);
  options.timeout = absl::Seconds(arguments.timeout_seconds);
  options.max_in_flight = arguments.max_in_flight;
  options.slo = {.p99 = absl::Milliseconds(arguments.slo_p99_ms),
                 .failure_share = arguments.slo_errors_percent / 100};
  options.arguments = arguments.command_line;
  return options;
}

absl::StatusOr<std::vector<lab::Threshold>> ThresholdsFrom(
    const LoadArguments& arguments) {
  std::vector<lab::Threshold> thresholds;
  for (const std::string& text : arguments.thresholds) {
    auto threshold = lab::ParseThreshold(text);
    if (!threshold.ok()) return threshold.status();
    thresholds.push_back(*std::move(threshold));
  }
  return thresholds;
}

}  // namespace pinhole::cli
