// SPDX-License-Identifier: Apache-2.0

#include <sys/stat.h>

#include <iostream>
#include <variant>

#include "base/log/log.h"
#include "base/log/logging.h"
#include "base/process/service_process.h"
#include "server/app/app.h"
#include "server/app/commands/commands.h"
#include "server/app/config.h"

namespace pinhole::app {
namespace {

// Restarting may help after the first only; docs/operations.md lists them.
constexpr int kFailed = 1;
constexpr int kUsage = 2;
constexpr int kRefused = 3;
constexpr int kDamaged = 4;

int ExitCode(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kPermissionDenied:
      return kRefused;
    case absl::StatusCode::kDataLoss:
      return kDamaged;
    default:
      return kFailed;
  }
}

int Fail(const absl::Status& status, int exit_code) {
  return ServiceProcess::Fail("pinhole-server", status, exit_code);
}

// gRPC watches its certificate files itself but does not report errors.
void ReloadCertificates(App& app, const Config& config) {
  const absl::Status grpc = CheckGrpcTls(config);
  if (!grpc.ok()) {
    LogError(
        "the TLS files of gRPC cannot be used; new TLS connections to gRPC "
        "fail until they are corrected: {}",
        std::string(grpc.message()));
  }
  if (config.http.tls || grpc.ok()) LogReload(app.ReloadCertificate());
}

int Run(const Config& config) {
  if (const absl::Status good = CheckConfig(config); !good.ok()) {
    return Fail(good, kUsage);
  }
  const ServiceProcess process(config.http.tls.has_value() ||
                               config.grpc_tls.has_value());
  // Outlives the app, whose last messages report how the store was closed.
  const std::shared_ptr<LogSink> log = StartLogging(config.log);
  auto app = App::Start(config, log, process.systemd());
  if (!app.ok()) return Fail(app.status(), ExitCode(app.status()));
  ServiceProcess::Announce((*app)->ListenerLines());
  if (!(*app)->serving()) process.ReportWaiting("PostgreSQL");
  (*app)->AwaitService([&process] { process.ReportReady(); });
  process.AwaitSignal([&] { return ReloadCertificates(**app, config); });
  if (const absl::Status stopped = (*app)->Stop(); !stopped.ok()) {
    LogError("{}", std::string(stopped.message()));
    return kFailed;
  }
  return 0;
}

}  // namespace
}  // namespace pinhole::app

int main(int argc, char** argv) {
  using namespace pinhole::app;
  pinhole::ServiceProcess::DisableDeadlockDetection();
  umask(077);  // Only the owner can read the data folder.
  if (const auto code = RunCommand(argc, argv, std::cout, std::cerr)) {
    return *code;
  }
  const auto parsed = ParseConfig(argc, argv);
  if (const auto* exit = std::get_if<pinhole::ExitRequest>(&parsed)) {
    (exit->code == 0 ? std::cout : std::cerr) << exit->text;
    return exit->code;
  }
  return Run(std::get<Config>(parsed));
}
