// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "base/process/heartbeat.h"
#include "base/process/sd_notify.h"
#include "base/process/signals.h"

namespace pinhole {

// The life of a process that serves until a signal ends it.
class ServiceProcess {
 public:
  // Turns the deadlock detection of Debian's abseil off, which costs more than
  // half of what a small call does.  For release builds, before any mutex.
  static void DisableDeadlockDetection();

  // Prints "PROGRAM: MESSAGE" to standard error and returns `exit_code`.
  static int Fail(std::string_view program, const absl::Status& status,
                  int exit_code);

  // Blocks the signals for this thread and all threads that it starts, so
  // construct it before any of them; raises the limit on open files.  Without
  // `reloads`, SIGHUP ends the process.
  explicit ServiceProcess(bool reloads);

  ServiceProcess(const ServiceProcess&) = delete;
  ServiceProcess& operator=(const ServiceProcess&) = delete;

  const SdNotify& systemd() const { return systemd_; }

  // Prints `listeners` to standard output.
  static void Announce(const std::vector<std::string>& listeners);

  // Each tells systemd that the process has started, and prints a line to
  // standard output: "ready", or "waiting for CAUSE" until then.  Thread-safe.
  void ReportReady() const;
  void ReportWaiting(std::string_view cause) const;

  // Returns when SIGTERM or SIGINT arrives; a second one then ends the process
  // at once.  SIGHUP calls `reload`.
  void AwaitSignal(const std::function<void()>& reload) const;

 private:
  const Signals signals_;
  const SdNotify systemd_ = SdNotify::FromEnvironment();
};

// Logs the result of reloading the TLS certificate.
void LogReload(const absl::Status& reloaded);

// Sends systemd a sign of life for as long as all `loops` run; null if systemd
// expects none.
std::unique_ptr<Heartbeat> StartWatchdog(const SdNotify& systemd,
                                         std::vector<Heartbeat::Post> loops);

}  // namespace pinhole
