// SPDX-License-Identifier: Apache-2.0

// pinhole-decoder makes renditions of pictures for pinhole-server, which starts
// it.  It is a separate program so that the picture libraries, which parse
// untrusted bytes, never share a process with passwords and keys.

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>

#include "base/errors.h"
#include "server/decoder/allocation.h"
#include "server/decoder/sandbox.h"
#include "server/decoder/sanitized.h"
#include "server/media/decode/render.h"
#include "server/media/decoder_limits.h"
#include "server/media/decoder_protocol.h"
#include "server/model/limits.h"

namespace pinhole::decoder {
namespace {

using media::DecoderAnswer;

bool SendAll(const void* data, std::size_t size) {
  const char* bytes = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t sent = send(media::kDecoderSocket, bytes, size, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes += sent;
    size -= static_cast<std::size_t>(sent);
  }
  return true;
}

struct Work {
  int descriptor = -1;
  std::int64_t size_bytes = 0;
};

// Waits for the next picture; nullopt once the server has closed the socket.
std::optional<Work> Receive() {
  media::DecoderRequest request;
  iovec part = {.iov_base = &request, .iov_len = sizeof request};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t received =
      recvmsg(media::kDecoderSocket, &message, MSG_CMSG_CLOEXEC | MSG_WAITALL);
  const cmsghdr* const header = CMSG_FIRSTHDR(&message);
  if (received != sizeof request || header == nullptr ||
      header->cmsg_type != SCM_RIGHTS) {
    return std::nullopt;
  }
  Work work{.size_bytes = request.size_bytes};
  std::memcpy(&work.descriptor, CMSG_DATA(header), sizeof work.descriptor);
  return work;
}

// Reads the whole file; nullopt if it cannot be read.
std::optional<std::string> Read(const Work& work) {
  if (work.size_bytes < 0 || work.size_bytes > limits::kMaxPhotoBytes) {
    return std::nullopt;
  }
  std::string bytes(static_cast<std::size_t>(work.size_bytes), '\0');
  std::size_t at = 0;
  while (at < bytes.size()) {
    const ssize_t got = pread(work.descriptor, bytes.data() + at,
                              bytes.size() - at, static_cast<off_t>(at));
    if (got <= 0) return std::nullopt;
    at += static_cast<std::size_t>(got);
  }
  return bytes;
}

template <std::size_t kSize>
void Copy(std::string_view text, std::array<char, kSize>& to) {
  text.copy(to.data(), kSize - 1);
}

DecoderAnswer Refusal(const absl::Status& status) {
  DecoderAnswer answer;
  const std::optional<Reason> reason = ReasonOf(status);
  if (!absl::IsInvalidArgument(status) || !reason) return answer;
  answer.outcome = DecoderAnswer::Outcome::kRefused;
  Copy(NameOf(*reason), answer.reason);
  Copy(std::string(status.message()), answer.message);
  return answer;
}

// Returns false once the server has closed the socket.
bool Answer(const Work& work) {
  const std::optional<std::string> bytes = Read(work);
  close(work.descriptor);
  DecoderAnswer answer;
  if (!bytes) return SendAll(&answer, sizeof answer);
  const auto made = media::Render(*bytes);
  if (!made.ok()) {
    answer = Refusal(made.status());
    return SendAll(&answer, sizeof answer);
  }
  answer.outcome = DecoderAnswer::Outcome::kMade;
  answer.width = made->info.width;
  answer.height = made->info.height;
  Copy(made->info.content_type, answer.content_type);
  for (std::size_t i = 0; i < made->files.size(); ++i) {
    answer.sizes[i] = static_cast<std::uint32_t>(made->files[i].size());
  }
  if (!SendAll(&answer, sizeof answer)) return false;
  return std::all_of(made->files.begin(), made->files.end(),
                     [](const std::string& file) {
                       return SendAll(file.data(), file.size());
                     });
}

int Run() {
  // The server ends a decoder by closing the socket.  Signals of a terminal or
  // a service manager reach all processes of a group, so ignore them.
  for (const int end : {SIGINT, SIGTERM, SIGHUP}) signal(end, SIG_IGN);
  absl::Status ready = media::StartLibraries();
  if (ready.ok()) {
    EndWhenAllocationFails();
#ifndef PINHOLE_SANITIZED
    ready.Update(EnterSandbox({.memory_bytes = media::kDecoderMemoryBytes}));
#endif
  }
  if (!ready.ok()) {
    std::cerr << "pinhole-decoder: " << ready.message() << std::endl;
    return media::kDecoderNotConfined;
  }
  // From here on, the libraries may log as much about bad files as an uploader
  // provokes.
  dup2(STDOUT_FILENO, STDERR_FILENO);
  media::DecoderGreeting greeting;
  Copy(PINHOLE_VERSION, greeting.version);
  if (!SendAll(&greeting, sizeof greeting)) return 0;
  while (const std::optional<Work> work = Receive()) {
    LimitCpuTime(media::kDecoderCpuSeconds);
    if (!Answer(*work)) break;
  }
  return 0;
}

}  // namespace
}  // namespace pinhole::decoder

int main() {
  int type = 0;
  socklen_t size = sizeof type;
  if (getsockopt(pinhole::media::kDecoderSocket, SOL_SOCKET, SO_TYPE, &type,
                 &size) != 0) {
    std::cerr
        << "pinhole-decoder cannot be run by itself; pinhole-server starts "
           "it\n";
    return 2;
  }
  // Not a return: exit handlers of the libraries use system calls that the
  // sandbox refuses.
  _exit(pinhole::decoder::Run());
}
