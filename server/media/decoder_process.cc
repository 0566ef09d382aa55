// SPDX-License-Identifier: Apache-2.0

#include "server/media/decoder_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "base/errors.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/media/decoder_limits.h"
#include "server/media/decoder_protocol.h"
#include "server/media/picture_refusal.h"
#include "server/model/limits.h"

namespace pinhole::media {
namespace {

namespace fs = std::filesystem;

// Loading the libraries takes about 50 ms of CPU time.
constexpr absl::Duration kStartTime = absl::Seconds(10);
// Measured from when the decoder closes its socket.
constexpr absl::Duration kExitTime = absl::Seconds(1);

constexpr char kFails[] = "the picture made its decoder fail";

absl::Status Failure(std::string_view what, int error) {
  return absl::UnavailableError(fmt::format(
      "cannot {}: {}", what, std::generic_category().message(error)));
}

// The text in a field of a message, if it is printable.
template <std::size_t kSize>
std::string TextOf(const std::array<char, kSize>& field) {
  const auto end = std::find(field.begin(), field.end(), '\0');
  const bool printable = std::all_of(
      field.begin(), end, [](char c) { return c >= ' ' && c <= '~'; });
  return printable ? std::string(field.begin(), end) : std::string();
}

// Waits for `events` at `descriptor`; false after `deadline`.
bool Await(int descriptor, short events, absl::Time deadline) {
  while (true) {
    pollfd waiting{.fd = descriptor, .events = events, .revents = 0};
    const auto left = absl::ToInt64Milliseconds(deadline - absl::Now());
    const int ready =
        poll(&waiting, 1,
             static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000)));
    if (ready > 0) return true;
    if (ready == 0 && absl::Now() >= deadline) return false;
    if (ready < 0 && errno != EINTR) return false;
  }
}

// The environment of a decoder.
std::vector<std::string> Environment() {
  return {// A second arena of the allocator would reserve 64 MiB.
          "MALLOC_ARENA_MAX=1",
          // Where libvips looks for plugins for other formats, which are not
          // wanted.
          "VIPSHOME=/nonexistent"};
}

absl::StatusOr<pid_t> Spawn(const fs::path& program, int socket) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  // Standard error is inherited: start-up problems are logged there.
  posix_spawn_file_actions_adddup2(&actions, socket, kDecoderSocket);
  posix_spawn_file_actions_addclosefrom_np(&actions, kDecoderSocket + 1);
  // Threads of the server block signals; a decoder starts with none blocked.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);

  std::string name = program.filename();
  std::array<char*, 2> arguments = {name.data(), nullptr};
  std::vector<std::string> variables = Environment();
  std::vector<char*> environment;
  for (std::string& variable : variables) {
    environment.push_back(variable.data());
  }
  environment.push_back(nullptr);
  pid_t pid = 0;
  const int error = posix_spawn(&pid, program.c_str(), &actions, &attributes,
                                arguments.data(), environment.data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    return Failure(fmt::format("start {}", program.string()), error);
  }
  return pid;
}

// Sends `request` and the descriptor of the picture; returns whether it worked.
bool Send(int socket, DecoderRequest request, int descriptor) {
  iovec part = {.iov_base = &request, .iov_len = sizeof request};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  return sendmsg(socket, &message, MSG_NOSIGNAL) == sizeof request;
}

// Whether the values of an answer are possible.
bool IsPlausible(const DecoderAnswer& answer) {
  const auto side = [](std::int32_t pixels) {
    return pixels > 0 && pixels <= limits::kMaxPhotoSide;
  };
  return side(answer.width) && side(answer.height) &&
         std::find(kContentTypes.begin(), kContentTypes.end(),
                   TextOf(answer.content_type)) != kContentTypes.end() &&
         std::all_of(answer.sizes.begin(), answer.sizes.end(),
                     [](std::uint32_t size) {
                       return size > 0 && size <= kMaxRenditionBytes;
                     });
}

}  // namespace

absl::StatusOr<std::unique_ptr<DecoderProcess>> DecoderProcess::Start(
    const fs::path& program) {
  std::array<int, 2> sockets{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) != 0) {
    return Failure("create a pair of sockets", errno);
  }
  const auto [ours, theirs] = sockets;
  const absl::StatusOr<pid_t> pid = Spawn(program, theirs);
  close(theirs);
  if (!pid.ok()) {
    close(ours);
    return pid.status();
  }
  std::unique_ptr<DecoderProcess> process(new DecoderProcess(*pid, ours));
  RETURN_IF_ERROR(process->AwaitGreeting());
  return process;
}

DecoderProcess::~DecoderProcess() {
  if (pid_ != 0) {
    kill(pid_, SIGKILL);
    EndAndReap();
  }
  close(socket_);
}

absl::Status DecoderProcess::AwaitGreeting() {
  DecoderGreeting greeting;
  if (!Receive(&greeting, sizeof greeting, absl::Now() + kStartTime)) {
    const int status = EndAndReap();
    if (WIFEXITED(status) && WEXITSTATUS(status) == kDecoderNotConfined) {
      return absl::UnavailableError(
          "pinhole-decoder cannot enter its sandbox; its message on standard "
          "error says why");
    }
    return absl::UnavailableError(fmt::format(
        "pinhole-decoder ended during its start ({} {})",
        WIFSIGNALED(status) ? "signal" : "exit code",
        WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status)));
  }
  if (TextOf(greeting.version) != PINHOLE_VERSION) {
    return absl::UnavailableError(
        "pinhole-decoder has another version than this server; restart the "
        "server");
  }
  return absl::OkStatus();
}

absl::StatusOr<Renditions> DecoderProcess::Render(File& original,
                                                  absl::Duration timeout) {
  absl::StatusOr<Renditions> made = Exchange(original, absl::Now() + timeout);
  if (made.ok() || absl::IsInvalidArgument(made.status())) return made;
  usable_ = false;
  if (absl::IsInternal(made.status())) {
    end_ = DecoderEnd::kCrashed;
    return MakeError(Reason::kDecoderCrashed, kFails);
  }
  return absl::IsAborted(made.status()) ? ExplainExit() : made;
}

absl::StatusOr<Renditions> DecoderProcess::Exchange(File& original,
                                                    absl::Time deadline) {
  ASSIGN_OR_RETURN(const std::int64_t size_bytes, original.SizeBytes());
  const absl::Status gone = absl::AbortedError("the decoder has ended");
  if (!Send(socket_, {.size_bytes = size_bytes}, original.descriptor())) {
    return gone;
  }
  DecoderAnswer answer;
  if (!Receive(&answer, sizeof answer, deadline)) return gone;
  const std::optional<Reason> reason = FindReason(TextOf(answer.reason));
  if (answer.outcome == DecoderAnswer::Outcome::kRefused && reason &&
      InfoOf(*reason).code == absl::StatusCode::kInvalidArgument) {
    return MakeError(*reason, TextOf(answer.message));
  }
  if (answer.outcome != DecoderAnswer::Outcome::kMade || !IsPlausible(answer)) {
    return absl::InternalError("the decoder's answer is invalid");
  }
  Renditions renditions;
  renditions.info = {.width = answer.width,
                     .height = answer.height,
                     .size_bytes = size_bytes,
                     .content_type = TextOf(answer.content_type)};
  for (std::size_t i = 0; i < renditions.files.size(); ++i) {
    std::string& file = renditions.files[i];
    file.resize(answer.sizes[i]);
    if (!Receive(file.data(), file.size(), deadline)) return gone;
  }
  return renditions;
}

bool DecoderProcess::Receive(void* data, std::size_t size,
                             absl::Time deadline) {
  char* to = static_cast<char*>(data);
  while (size > 0) {
    if (!Await(socket_, POLLIN, deadline)) {
      timed_out_ = true;
      return false;
    }
    const ssize_t got = recv(socket_, to, size, MSG_DONTWAIT);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) return false;
    to += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

bool DecoderProcess::IsWaiting() const {
  // A decoder sends nothing unasked, so readable means that it has ended.
  return !Await(socket_, POLLIN, absl::InfinitePast());
}

void DecoderProcess::Interrupt() {
  interrupted_ = true;
  shutdown(socket_, SHUT_RDWR);
}

absl::Status DecoderProcess::ExplainExit() {
  const bool timed_out = timed_out_;
  const int status = EndAndReap();
  if (interrupted_)
    return MakeError(Reason::kShuttingDown, "the server is stopping");
  const auto ended_by = [status](int signal) {
    return WIFSIGNALED(status) && WTERMSIG(status) == signal;
  };
  if (timed_out || ended_by(SIGXCPU)) {
    end_ = DecoderEnd::kOutOfTime;
    return MakeError(Reason::kDecoderOutOfTime,
                     "decoding the picture took longer than the server allows");
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == kDecoderOutOfMemory) {
    end_ = DecoderEnd::kOutOfMemory;
    return MakeError(
        Reason::kDecoderOutOfMemory,
        "decoding the picture took more memory than the server allows");
  }
  end_ = DecoderEnd::kCrashed;
  if (ended_by(SIGKILL) && !killed_) {
    // By the kernel for lack of memory, or by somebody: perhaps not because of
    // the picture.
    return absl::AbortedError("the decoder was killed");
  }
  return MakeError(Reason::kDecoderCrashed, kFails);
}

int DecoderProcess::EndAndReap() {
  // A decoder that ends by itself closes its socket first: wait for its exit
  // code. By number, since the header of glibc 2.36 cannot be used from C++.
  const auto process = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  if (timed_out_ || interrupted_ || process < 0 ||
      !Await(process, POLLIN, absl::Now() + kExitTime)) {
    kill(pid_, SIGKILL);
    killed_ = true;
  }
  if (process >= 0) close(process);
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
  return status;
}

}  // namespace pinhole::media
