// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace pinhole {

// Reports the state of the process to systemd or another service manager with
// the protocol of sd_notify(3): a datagram for each message.  Does not need
// libsystemd.  Thread-safe.
class SdNotify {
 public:
  // Sends nothing.
  SdNotify() = default;
  // `socket` is the path of a Unix socket, or an abstract address that begins
  // with @.
  explicit SdNotify(std::string socket,
                    absl::Duration watchdog = absl::InfiniteDuration());

  // Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.
  static SdNotify FromEnvironment();

  // Sends assignments such as "READY=1", separated by newlines.  Waits at most
  // one second; errors are ignored.
  void Send(std::string_view state) const;

  // The interval in which the service manager expects "WATCHDOG=1"; infinite if
  // it expects none.
  absl::Duration watchdog() const { return watchdog_; }

 private:
  std::string socket_;
  absl::Duration watchdog_ = absl::InfiniteDuration();
};

}  // namespace pinhole
