// SPDX-License-Identifier: Apache-2.0

#include <sys/stat.h>

#include <iostream>
#include <variant>

#include "absl/synchronization/mutex.h"
#include "base/log/log.h"
#include "base/log/logging.h"
#include "base/process/file_limit.h"
#include "base/process/sd_notify.h"
#include "base/process/signals.h"
#include "server/app/app.h"
#include "server/app/commands/commands.h"
#include "server/app/config.h"

namespace pinhole::app {
namespace {

// Starting again may help after the first only; README.md lists them.
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

void ReadCertificates(App& app, const Config& config) {
  if (const absl::Status grpc = CheckGrpcTls(config); !grpc.ok()) {
    LogError("gRPC takes no new connections in TLS until it is right: {}",
             std::string(grpc.message()));
  }
  const absl::Status reloaded = app.ReloadCertificate();
  if (reloaded.ok()) {
    LogInfo("the certificate was read again");
  } else {
    LogError("the certificate stays: {}", std::string(reloaded.message()));
  }
}

int Run(const Config& config) {
  if (const absl::Status good = CheckConfig(config); !good.ok()) {
    std::cerr << "pinhole-server: " << good.message() << std::endl;
    return kUsage;
  }
  const Signals signals(config.http.tls.has_value() ||
                        config.grpc_tls.has_value());
  RaiseFileLimit();
  const auto systemd = SdNotify::FromEnvironment();
  auto app = App::Start(config, StartLogging(config.log), systemd);
  if (!app.ok()) {
    std::cerr << "pinhole-server: " << app.status().message() << std::endl;
    return ExitCode(app.status());
  }
  for (const std::string& line : (*app)->Listeners()) std::cout << line << '\n';
  std::cout << "ready" << std::endl;
  systemd.Send("READY=1\nSTATUS=serving");

  signals.AwaitEnd([&] { ReadCertificates(**app, config); });
  signals.EndAtOnceOnNext();
  systemd.Send("STOPPING=1\nSTATUS=finishing calls");
  LogInfo("shutting down; a second signal ends at once");
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
#ifdef NDEBUG
  // Debian builds abseil with its search for deadlocks on: it would cost more
  // than half of what a small call does.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
#endif
  umask(077);  // What is in the data folder is the owner's only.
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
