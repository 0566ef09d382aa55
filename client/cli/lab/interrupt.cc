// SPDX-License-Identifier: Apache-2.0

#include "client/cli/lab/interrupt.h"

#include <csignal>

namespace pinhole::cli {
namespace {

// A signal handler reaches nothing else.
std::atomic<bool> stopped = false;
static_assert(std::atomic<bool>::is_always_lock_free);

void OnSignal(int number) {
  stopped = true;
  std::signal(number, SIG_DFL);
}

}  // namespace

Interrupt::Interrupt() {
  stopped = false;
  std::signal(SIGINT, OnSignal);
  std::signal(SIGTERM, OnSignal);
}

Interrupt::~Interrupt() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

const std::atomic<bool>& Interrupt::stop() const { return stopped; }

}  // namespace pinhole::cli
