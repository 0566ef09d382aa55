// SPDX-License-Identifier: Apache-2.0

#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <iostream>
#include <thread>
#include <variant>

#include "absl/synchronization/mutex.h"
#include "gateway/allocator.h"
#include "gateway/file_limit.h"
#include "gateway/sd_notify.h"
#include "server/app/app.h"
#include "server/app/commands.h"
#include "server/app/config.h"
#include "server/app/logging.h"
#include "spdlog/spdlog.h"

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

// Every thread has the signals blocked and one waits for them, since hardly
// anything may be done inside a handler.  SIGHUP ends a process that has no
// certificate to read again, as it always did.
sigset_t BlockSignals(bool tls) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  if (tls) sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

int Run(const Config& config) {
  if (const absl::Status good = CheckConfig(config); !good.ok()) {
    std::cerr << "pinhole-server: " << good.message() << std::endl;
    return kUsage;
  }
  const sigset_t signals =
      BlockSignals(config.http.tls.has_value() || config.grpc_tls.has_value());
  gateway::RaiseFileLimit();
  gateway::KeepMemoryOfPieces();
  const auto systemd = gateway::SdNotify::FromEnvironment();
  auto app = App::Start(config, StartLogging(config), systemd);
  if (!app.ok()) {
    std::cerr << "pinhole-server: " << app.status().message() << std::endl;
    return ExitCode(app.status());
  }
  for (const std::string& line : (*app)->Listeners()) std::cout << line << '\n';
  std::cout << "ready" << std::endl;
  systemd.Send("READY=1\nSTATUS=serving");

  int signal = 0;
  while (sigwait(&signals, &signal) == 0 && signal == SIGHUP) {
    if (const absl::Status grpc = CheckGrpcTls(config); !grpc.ok()) {
      spdlog::error(
          "gRPC takes no new connections in TLS until it is right: {}",
          std::string(grpc.message()));
    }
    const absl::Status reloaded = (*app)->ReloadCertificate();
    if (reloaded.ok()) {
      spdlog::info("the certificate was read again");
    } else {
      spdlog::error("the certificate stays: {}",
                    std::string(reloaded.message()));
    }
  }
  systemd.Send("STOPPING=1\nSTATUS=finishing calls");
  spdlog::info("shutting down; a second signal ends at once");
  std::thread([&signals] {
    int second = 0;
    while (sigwait(&signals, &second) == 0 && second == SIGHUP) {
    }
    _exit(128 + second);
  }).detach();
  if (const absl::Status stopped = (*app)->Stop(); !stopped.ok()) {
    spdlog::error("{}", std::string(stopped.message()));
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
  if (const auto* exit = std::get_if<ExitRequest>(&parsed)) {
    (exit->code == 0 ? std::cout : std::cerr) << exit->text;
    return exit->code;
  }
  return Run(std::get<Config>(parsed));
}
