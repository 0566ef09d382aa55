// SPDX-License-Identifier: Apache-2.0

#include "base/process/service_process.h"

#include <iostream>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "base/log/log.h"
#include "base/process/file_limit.h"

namespace pinhole {

void ServiceProcess::DisableDeadlockDetection() {
#ifdef NDEBUG
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
#endif
}

int ServiceProcess::Fail(std::string_view program, const absl::Status& status,
                         int exit_code) {
  std::cerr << program << ": " << status.message() << std::endl;
  return exit_code;
}

ServiceProcess::ServiceProcess(bool reloads) : signals_(reloads) {
  RaiseFileLimit();
}

void ServiceProcess::Announce(const std::vector<std::string>& listeners) {
  for (const std::string& line : listeners) std::cout << line << '\n';
  std::cout << std::flush;
}

void ServiceProcess::ReportReady() const {
  std::cout << "ready" << std::endl;
  systemd_.Send("READY=1\nSTATUS=serving");
}

void ServiceProcess::ReportWaiting(std::string_view cause) const {
  std::cout << "waiting for " << cause << std::endl;
  systemd_.Send("READY=1");
}

void ServiceProcess::AwaitSignal(const std::function<void()>& reload) const {
  signals_.AwaitEnd(reload);
  signals_.EndAtOnceOnNext();
  systemd_.Send("STOPPING=1\nSTATUS=finishing calls");
  LogInfo("shutting down; a second signal ends the process at once");
}

void LogReload(const absl::Status& reloaded) {
  if (reloaded.ok()) {
    LogInfo("reloaded the TLS certificate");
  } else {
    LogError(
        "cannot reload the TLS certificate; the previous one stays in use: {}",
        std::string(reloaded.message()));
  }
}

std::unique_ptr<Heartbeat> StartWatchdog(const SdNotify& systemd,
                                         std::vector<Heartbeat::Post> loops) {
  if (systemd.watchdog() == absl::InfiniteDuration()) return nullptr;
  // Three beats in each period, so that one can be late.
  return std::make_unique<Heartbeat>(std::move(loops), systemd.watchdog() / 3,
                                     [systemd] { systemd.Send("WATCHDOG=1"); });
}

}  // namespace pinhole
