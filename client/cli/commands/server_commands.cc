// SPDX-License-Identifier: Apache-2.0

#include <memory>

#include "client/cli/commands/commands.h"
#include "fmt/format.h"

namespace pinhole::cli {
namespace {

using grpc::health::v1::HealthCheckResponse;

constexpr char kGroup[] = "Server";

// The exit codes of grpc-health-probe, which scripts and orchestrators expect.
constexpr int kCannotConnect = 2;
constexpr int kCallFailed = 3;
constexpr int kNotServing = 4;

absl::Status Health(Context& context, const std::string& service) {
  const client::Client client =
      context.NewClient({.timeout = absl::Seconds(5)});
  const auto health = client.CheckHealth(service);
  if (!health.ok()) {
    const bool reached = !absl::IsUnavailable(health.status()) &&
                         !absl::IsDeadlineExceeded(health.status());
    context.exit_code = reached ? kCallFailed : kCannotConnect;
    return health.status();
  }
  if (health->status() != HealthCheckResponse::SERVING) {
    context.exit_code = kNotServing;
  }
  context.Write(
      context.json
          ? Json(*health) + "\n"
          : HealthCheckResponse::ServingStatus_Name(health->status()) + "\n");
  return absl::OkStatus();
}

}  // namespace

void AddServerCommands(CliCommand app, Context& context) {
  CliCommand command =
      app.AddCommand("server-info", "Show the server's version and limits");
  command.Group(kGroup);
  context.On(command, [&context]() -> absl::Status {
    auto connected = context.Connect();
    if (!connected.ok()) return connected.status();
    return context.Show((*connected)->GetServerInfo());
  });

  command = app.AddCommand(
      "backup",
      "Make a backup on the server's machine and wait until it is verified "
      "(administrators only)");
  command.Group(kGroup);
  context.On(command, [&context]() -> absl::Status {
    auto connected = context.Connect();
    if (!connected.ok()) return connected.status();
    return context.Show((*connected)->CreateBackup());
  });

  command = app.AddCommand(
      "health",
      "Check the server's health. Exits with 0 if it is serving, 2 if it "
      "cannot be reached, 3 if the call failed, 4 if it is not serving");
  command.Group(kGroup);
  auto service = std::make_shared<std::string>();
  command.Add("--service", *service,
              "Full name of the service to check, for example "
              "pinhole.v1.PhotoService; the whole server by default");
  context.On(command,
             [&context, service] { return Health(context, *service); });
}

}  // namespace pinhole::cli
