// SPDX-License-Identifier: Apache-2.0

#include "server/app/commands/operator_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/numbers.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "fmt/format.h"

namespace pinhole::app {
namespace {

constexpr char kName[] = "operator.sock";
constexpr char kOk[] = "ok";
constexpr std::size_t kMaxRequestBytes = 1024;
// A connection that sends no command delays other commands for this long.
constexpr time_t kServerTimeoutSeconds = 5;
// Allows for a busy disk.
constexpr time_t kClientTimeoutSeconds = 60;
// Pause after a connection could not be accepted.
constexpr absl::Duration kAcceptPause = absl::Milliseconds(100);

absl::Status Refused(std::string_view what) {
  return absl::UnavailableError(
      fmt::format("cannot {} {}: {}", what, kName, strerror(errno)));
}

void SetTimeout(int connection, time_t seconds) {
  const timeval timeout{.tv_sec = seconds, .tv_usec = 0};
  setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
  setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
}

// Calls `bind` or `connect` with the address of the socket in `data_dir` and
// returns its result.  An address has room for 107 bytes, fewer than a path can
// have, so the directory is named by a file descriptor.
template <typename Call>
int WithAddress(const std::filesystem::path& data_dir, Call call) {
  const int folder = open(data_dir.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return -1;
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  const std::string path = fmt::format("/proc/self/fd/{}/{}", folder, kName);
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const int result =
      call(reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  const int error = errno;
  close(folder);
  errno = error;
  return result;
}

// Appends the next bytes to `text`.  Returns false at the end of the connection
// and after a timeout.
bool Receive(int connection, std::string& text) {
  std::array<char, 4096> bytes;
  ssize_t got = 0;
  do {
    got = recv(connection, bytes.data(), bytes.size(), 0);
  } while (got < 0 && errno == EINTR);
  if (got <= 0) return false;
  text.append(bytes.data(), static_cast<std::size_t>(got));
  return true;
}

bool Send(int connection, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent =
        send(connection, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

absl::StatusOr<AdminRequest> ParseRequest(std::string_view line) {
  if (line.empty() || line.back() != '\n') {
    return absl::InvalidArgumentError("the command is incomplete");
  }
  line.remove_suffix(1);
  const std::size_t space = line.find(' ');
  AdminRequest request{.action = std::string(line.substr(0, space)),
                       .handle = ""};
  if (space != std::string_view::npos) request.handle = line.substr(space + 1);
  return request;
}

std::string FormatAnswer(const absl::StatusOr<std::string>& answer) {
  if (answer.ok()) return fmt::format("{}\n{}", kOk, *answer);
  return fmt::format("{}\n{}", answer.status().raw_code(),
                     std::string(answer.status().message()));
}

absl::StatusOr<std::string> ParseAnswer(const std::string& answer) {
  const std::size_t end = answer.find('\n');
  if (end == std::string::npos) {
    return absl::UnavailableError(
        "the server did not answer; its log may say why");
  }
  const std::string_view code = std::string_view(answer).substr(0, end);
  std::string text = answer.substr(end + 1);
  if (code == kOk) return text;
  int number = 0;
  if (!absl::SimpleAtoi({code.data(), code.size()}, &number)) number = 2;
  return absl::Status(static_cast<absl::StatusCode>(number), text);
}

}  // namespace

absl::StatusOr<std::unique_ptr<OperatorSocket>> OperatorSocket::Listen(
    const std::filesystem::path& data_dir, Store& store) {
  const std::filesystem::path path = data_dir / kName;
  // The lock of the directory guarantees that no other server uses the socket.
  std::error_code none;
  std::filesystem::remove(path, none);
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) return Refused("make");
  absl::Cleanup end = [listener] { close(listener); };
  const auto bind_to = [listener](const sockaddr* address, socklen_t size) {
    return bind(listener, address, size);
  };
  if (WithAddress(data_dir, bind_to) != 0) return Refused("make");
  if (chmod(path.c_str(), 0600) != 0) return Refused("protect");
  if (listen(listener, /*backlog=*/4) != 0) return Refused("listen on");
  const int stop = eventfd(0, EFD_CLOEXEC);
  if (stop < 0) return Refused("watch");
  std::move(end).Cancel();
  return std::unique_ptr<OperatorSocket>(
      new OperatorSocket(path, store, listener, stop));
}

OperatorSocket::OperatorSocket(std::filesystem::path path, Store& store,
                               int listener, int stop)
    : path_(std::move(path)),
      store_(store),
      listener_(listener),
      stop_(stop),
      thread_([this] { Run(); }) {}

OperatorSocket::~OperatorSocket() {
  const std::uint64_t one = 1;
  (void)!write(stop_, &one, sizeof(one));
  thread_.join();
  std::error_code none;
  std::filesystem::remove(path_, none);
  close(listener_);
  close(stop_);
}

void OperatorSocket::Run() {
  pthread_setname_np(pthread_self(), "operator");
  while (true) {
    std::array<pollfd, 2> wanted = {
        {{.fd = stop_, .events = POLLIN, .revents = 0},
         {.fd = listener_, .events = POLLIN, .revents = 0}}};
    if (poll(wanted.data(), wanted.size(), /*timeout=*/-1) < 0) continue;
    if (wanted[0].revents != 0) return;
    const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) {  // Usually for lack of file descriptors.
      absl::SleepFor(kAcceptPause);
      continue;
    }
    Answer(connection);
    close(connection);
  }
}

void OperatorSocket::Answer(int connection) {
  SetTimeout(connection, kServerTimeoutSeconds);
  std::string line;
  while (line.size() < kMaxRequestBytes && !line.ends_with('\n') &&
         Receive(connection, line)) {
  }
  const absl::StatusOr<AdminRequest> request = ParseRequest(line);
  const absl::StatusOr<std::string> answer =
      request.ok() ? RunAdmin(store_, *request) : request.status();
  // The command has taken effect even if its sender has gone.
  (void)Send(connection, FormatAnswer(answer));
}

absl::StatusOr<std::string> SendToServer(const std::filesystem::path& data_dir,
                                         const AdminRequest& request) {
  const int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connection < 0) return Refused("reach");
  const absl::Cleanup end = [connection] { close(connection); };
  const auto reach = [connection](const sockaddr* address, socklen_t size) {
    return connect(connection, address, size);
  };
  if (WithAddress(data_dir, reach) != 0) {
    return absl::FailedPreconditionError(fmt::format(
        "{} is in use, but no server accepts commands there: it is starting "
        "or stopping, or another command is running ({}); try again",
        data_dir.string(), strerror(errno)));
  }
  SetTimeout(connection, kClientTimeoutSeconds);
  const std::string line =
      request.handle.empty()
          ? fmt::format("{}\n", request.action)
          : fmt::format("{} {}\n", request.action, request.handle);
  if (!Send(connection, line)) return Refused("send a command to");
  std::string answer;
  while (Receive(connection, answer)) {
  }
  return ParseAnswer(answer);
}

}  // namespace pinhole::app
