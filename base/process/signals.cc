// SPDX-License-Identifier: Apache-2.0

#include "base/process/signals.h"

#include <pthread.h>
#include <unistd.h>

#include <thread>

namespace pinhole {

Signals::Signals(bool handle_hangup) {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGTERM);
  sigaddset(&signals_, SIGINT);
  if (handle_hangup) sigaddset(&signals_, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

void Signals::AwaitEnd(const std::function<void()>& on_hangup) const {
  int signal = 0;
  while (sigwait(&signals_, &signal) == 0 && signal == SIGHUP) on_hangup();
}

void Signals::EndAtOnceOnNext() const {
  std::thread([signals = signals_] {
    int signal = 0;
    while (sigwait(&signals, &signal) == 0 && signal == SIGHUP) {
    }
    _exit(128 + signal);
  }).detach();
}

}  // namespace pinhole
