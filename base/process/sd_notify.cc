// SPDX-License-Identifier: Apache-2.0

#include "base/process/sd_notify.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/strings/numbers.h"

namespace pinhole {
namespace {

std::string FromVariable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// The variable can be inherited from another process.
bool IsForUs(const std::string& pid) {
  std::int64_t number = 0;
  return pid.empty() || (absl::SimpleAtoi(pid, &number) && number == getpid());
}

}  // namespace

SdNotify::SdNotify(std::string socket, absl::Duration watchdog)
    : socket_(std::move(socket)), watchdog_(watchdog) {}

SdNotify SdNotify::FromEnvironment() {
  std::int64_t microseconds = 0;
  const bool watched =
      absl::SimpleAtoi(FromVariable("WATCHDOG_USEC"), &microseconds) &&
      microseconds > 0 && IsForUs(FromVariable("WATCHDOG_PID"));
  return SdNotify(
      FromVariable("NOTIFY_SOCKET"),
      watched ? absl::Microseconds(microseconds) : absl::InfiniteDuration());
}

void SdNotify::Send(std::string_view state) const {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_.empty() || socket_.size() >= sizeof(address.sun_path)) return;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (socket_.front() == '@') address.sun_path[0] = '\0';
  // An abstract address is not terminated: its length is significant.
  const auto size =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  const int file = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (file < 0) return;
  const timeval patience{.tv_sec = 1, .tv_usec = 0};
  setsockopt(file, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  sendto(file, state.data(), state.size(), MSG_NOSIGNAL,
         reinterpret_cast<const sockaddr*>(&address), size);
  close(file);
}

}  // namespace pinhole
