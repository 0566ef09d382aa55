// SPDX-License-Identifier: Apache-2.0

// A faulty decoder; the bytes of its picture select the fault.  It does what a
// decoder may do that has a bug or that a hostile picture has taken over.

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <string_view>

#include "server/media/decoder_protocol.h"

namespace {

using pinhole::media::DecoderAnswer;

void Send(const void* data, std::size_t size) {
  send(pinhole::media::kDecoderSocket, data, size, MSG_NOSIGNAL);
}

std::string NextPicture() {
  pinhole::media::DecoderRequest request;
  iovec part = {.iov_base = &request, .iov_len = sizeof request};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  if (recvmsg(pinhole::media::kDecoderSocket, &message, 0) <= 0) _exit(0);
  int descriptor = -1;
  std::memcpy(&descriptor, CMSG_DATA(CMSG_FIRSTHDR(&message)),
              sizeof descriptor);
  char text[256];
  const ssize_t size = pread(descriptor, text, sizeof text, 0);
  close(descriptor);
  return {text, static_cast<std::size_t>(size)};
}

DecoderAnswer Good() {
  DecoderAnswer answer;
  answer.outcome = DecoderAnswer::Outcome::kMade;
  answer.width = 4;
  answer.height = 3;
  std::string_view("image/jpeg").copy(answer.content_type.data(), 32);
  answer.sizes.fill(5);
  return answer;
}

void AnswerTo(std::string_view what) {
  DecoderAnswer answer = Good();
  if (what == "crash") raise(SIGSEGV);
  if (what == "killed") raise(SIGKILL);
  if (what == "abort") raise(SIGABRT);
  if (what == "cpu") raise(SIGXCPU);
  if (what == "memory") _exit(pinhole::media::kDecoderOutOfMemory);
  if (what == "leave") _exit(0);
  if (what == "hang") pause();
  if (what == "hang up") {
    close(pinhole::media::kDecoderSocket);
    pause();
  }
  if (what == "failed") answer = DecoderAnswer();
  if (what == "half") answer.sizes.fill(6);
  if (what == "huge") answer.sizes.fill(1U << 31);
  if (what == "nothing") answer.sizes.fill(0);
  if (what == "sides") answer.width = -1;
  if (what == "type") answer.content_type = {'t', 'e', 'x', 't'};
  if (what == "outcome") answer.outcome = DecoderAnswer::Outcome(77);
  if (what == "words") {
    answer.outcome = DecoderAnswer::Outcome::kRefused;
    answer.reason.fill('\n');
    answer.message.fill('\xff');
  }
  Send(&answer, sizeof answer);
  for (std::size_t i = 0; i < answer.sizes.size(); ++i) Send("bytes", 5);
  if (what == "half") _exit(0);
}

}  // namespace

int main(int, char** argv) {
  const std::string_view name = argv[0];
  if (name == "decoder-that-ends") return 1;
  pinhole::media::DecoderGreeting greeting;
  const std::string_view version =
      name == "decoder-of-old" ? "0.0.0" : PINHOLE_VERSION;
  version.copy(greeting.version.data(), greeting.version.size() - 1);
  Send(&greeting, sizeof greeting);
  while (true) AnswerTo(NextPicture());
}
