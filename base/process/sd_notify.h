// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_PROCESS_SD_NOTIFY_H_
#define PINHOLE_BASE_PROCESS_SD_NOTIFY_H_

#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace pinhole {

// How a process tells systemd, or whoever else started it, how it is: the
// protocol of sd_notify(3), a datagram for each message, without its library.
// Thread-safe.
class SdNotify {
 public:
  // Tells nobody.
  SdNotify() = default;
  // `socket` is the path of a Unix socket, or an abstract address with @ in
  // front.
  explicit SdNotify(std::string socket,
                    absl::Duration watchdog = absl::InfiniteDuration());

  // As NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID say.
  static SdNotify FromEnvironment();

  // Sends assignments such as "READY=1", with newlines between them.  Waits at
  // most a second; whether it arrives is the listener's business.
  void Send(std::string_view state) const;

  // Within this time a "WATCHDOG=1" is expected, again and again; infinite if
  // none is.
  absl::Duration watchdog() const { return watchdog_; }

 private:
  std::string socket_;
  absl::Duration watchdog_ = absl::InfiniteDuration();
};

}  // namespace pinhole

#endif  // PINHOLE_BASE_PROCESS_SD_NOTIFY_H_
