// SPDX-License-Identifier: Apache-2.0

#include "server/app/fault_reports.h"

#include <string>
#include <utility>

#include "base/log/log.h"
#include "fmt/format.h"

namespace pinhole::app {
namespace {

// Advice for operators, in the log.
const char* AdviceFor(postgres::Health::State state) {
  switch (state) {
    case postgres::Health::State::kInRecovery:
      return "wait for the end of recovery, or promote a standby";
    case postgres::Health::State::kReadOnly:
      return "turn default_transaction_read_only off";
    case postgres::Health::State::kFull:
      return "free space for PostgreSQL";
    case postgres::Health::State::kUnsupported:
      return "use the versions or the database that it needs";
    case postgres::Health::State::kConnecting:
    case postgres::Health::State::kReady:
    case postgres::Health::State::kUnreachable:
      break;
  }
  return "start PostgreSQL, or correct --store";
}

}  // namespace

FaultReports::FaultReports(rpc::Health& health, const SdNotify& systemd,
                           std::filesystem::path data_dir,
                           absl::Duration disk_stall)
    : health_(health),
      systemd_(systemd),
      data_dir_(std::move(data_dir)),
      disk_stall_(disk_stall) {}

void FaultReports::DiskFailed(const absl::Status& cause) {
  health_.Fail();
  LogCritical(
      "the disk failed; writes are refused and reads continue until the server "
      "is restarted: {}",
      std::string(cause.message()));
}

// The watchdog heartbeat continues while a write is stalled: a restart would
// not help, since no signal interrupts a thread that waits for the disk.
void FaultReports::DiskStalled(bool stalled) {
  health_.SetStalled(stalled);
  systemd_.Send(stalled ? "STATUS=a write to the disk is stalled"
                        : "STATUS=serving");
  if (stalled) {
    LogCritical(
        "the disk does not respond: a write to {} has not returned for {}; the "
        "server is not ready until it does",
        data_dir_.string(), absl::FormatDuration(disk_stall_));
  } else {
    LogWarning("the disk responds again");
  }
}

void FaultReports::DatabaseChanged(const postgres::Health& health) {
  const char* const problem =
      health.ready() ? nullptr : postgres::PublicTextOf(health.state);
  health_.SetStoreProblem(problem);
  health_.SetDurability(postgres::DurabilityTextOf(health));
  if (problem != nullptr) {
    systemd_.Send(fmt::format("STATUS=not ready: {}", problem));
  } else if (health_.serving()) {
    systemd_.Send("STATUS=serving");
  }
  if (health.ready()) {
    LogWarning("PostgreSQL accepts reads and writes; durability: {}",
               postgres::DurabilityTextOf(health));
  } else {
    LogCritical(
        "PostgreSQL cannot be used ({}); the server is not ready until it can, "
        "and resumes by itself; {}: {}",
        postgres::NameOf(health.state), AdviceFor(health.state), health.detail);
  }
}

void FaultReports::DecodersChanged(const absl::Status& status) {
  health_.SetUploads(status.ok());
  if (status.ok()) {
    LogWarning("pictures can be decoded again; uploads are accepted");
  } else {
    LogCritical(
        "cannot start a pinhole-decoder process; uploads are refused until one "
        "starts: {}",
        std::string(status.message()));
  }
}

}  // namespace pinhole::app
