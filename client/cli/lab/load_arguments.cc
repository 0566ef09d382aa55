// SPDX-License-Identifier: Apache-2.0

#include "client/cli/lab/load_arguments.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "client/cli/lab/publish.h"
#include "fmt/format.h"

namespace pinhole::cli {
namespace {

// More threads only take the cores from each other and from the server.
constexpr int kMostWorkers = 256;
// A connection of gRPC carries many calls at a time, one of HTTP/1.1 one.
constexpr int kGrpcConnections = 32;
constexpr int kHttpConnections = 256;

}  // namespace

void AddLoadArguments(CliCommand command, LoadArguments& arguments) {
  command
      .Add("--profile", arguments.profile,
           "What people do: newcomer, reader, writer, login_storm or "
           "hotspot")
      .ShowDefault();
  command.Add("--mix", arguments.mix,
              "Instead of a profile, operations by weight: "
              "feed=60,profile=30,upload=10");
  command
      .Add("--think", arguments.think_seconds,
           "Seconds a user pauses after each operation, on average")
      .Range(0.0, 3600.0)
      .ShowDefault();
  command
      .Add("--warmup", arguments.warmup_seconds,
           "Seconds of each step that are not counted")
      .Range(0.0, 3600.0)
      .ShowDefault();
  command
      .Add("--duration", arguments.measure_seconds,
           "Seconds of each step that are")
      .Range(1.0, 86400.0)
      .ShowDefault();
  command
      .Add("--timeout", arguments.timeout_seconds,
           "Seconds after which a call has failed")
      .Range(0.1, 60.0)
      .ShowDefault();
  command
      .Add("--arrivals", arguments.arrivals,
           "How the calls of a rate are spread: poisson or constant")
      .OneOf({"poisson", "constant"})
      .ShowDefault();
  command
      .Add("--connections", arguments.connections,
           "TCP connections at most, one for each user; 0 is 32 for gRPC "
           "and 256 for HTTP, whose connections carry one call each")
      .Range(0, 10000);
  command
      .Add("--workers", arguments.workers,
           "Threads that make the load; 0 is one for two cores")
      .Range(0, kMostWorkers);
  command
      .Add("--max-in-flight", arguments.max_in_flight,
           "Calls of a rate under way at most; more are dropped, which "
           "is a failure")
      .Range(1, 1'000'000)
      .ShowDefault();
  command
      .Add("--people", arguments.people,
           "Sessions that a profile other than newcomer uses")
      .Range(1, 100'000)
      .ShowDefault();
  command
      .Add("--password", arguments.password,
           "Of the seeded people; if it is not theirs, new ones are "
           "made and deleted again")
      .ShowDefault();
  command.Add("--sessions", arguments.sessions,
              "File of sessions that `pinhole seed --sessions` wrote");
  command.Add("--seed", arguments.seed, "The same number makes the same load")
      .ShowDefault();
  command.Add("--metrics", arguments.metrics,
              "The server's metrics, http://HOST:PORT/metrics, or off; "
              "port 9464 of the target by default");
  command
      .Add("--slo-p99", arguments.slo_p99_ms,
           "Service level: milliseconds that 99 % of the answers need "
           "at most")
      .Range(0.1, 60000.0)
      .ShowDefault();
  command
      .Add("--slo-errors", arguments.slo_errors_percent,
           "Service level: percent that may fail")
      .Range(0.001, 100.0)
      .ShowDefault();
  command.Add("--fail", arguments.thresholds,
              "What has to hold, else the exit code is 1: "
              "'p99(feed)<100ms', 'errors<1%', 'rate>50'; may be "
              "repeated");
  AddOutputArguments(command, arguments.output);
}

void AddOutputArguments(CliCommand command, OutputArguments& arguments) {
  command.Add("--output", arguments.json_file,
              "File for the report as JSON, which `lab report` and `lab "
              "compare` read; - is standard output");
  command.Add("--html", arguments.html_file,
              "File for the report as a page; - is standard output");
  command.Add("--markdown", arguments.markdown_file,
              "File for the report as markdown; - is standard output");
}

absl::StatusOr<lab::LabOptions> OptionsFrom(const LoadArguments& arguments,
                                            const Context& context) {
  if (auto status = CheckOutput(context, arguments.output); !status.ok()) {
    return status;
  }
  lab::LabOptions options;
  auto target = lab::ParseTarget(context.target);
  if (!target.ok()) return target.status();
  options.target = *std::move(target);
  options.target.tls = context.tls;
  if (auto tls = options.target.CheckTls(); !tls.ok()) return tls;
  auto profile = arguments.mix.empty() ? lab::ProfileNamed(arguments.profile)
                                       : lab::ParseMix(arguments.mix);
  if (!profile.ok()) return profile.status();
  if (!profile->is_story() && profile->Has(lab::Operation::kRegister)) {
    return absl::InvalidArgumentError(
        "--mix: register is done by newcomers only; use --profile newcomer");
  }
  options.profile = *std::move(profile);
  if (arguments.metrics.empty()) {
    options.metrics = lab::MetricsUrlOf(options.target);
  } else if (arguments.metrics != "off") {
    if (!arguments.metrics.starts_with("http://")) {
      return absl::InvalidArgumentError(fmt::format(
          "--metrics: '{}' is neither http://HOST:PORT/metrics nor off",
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
