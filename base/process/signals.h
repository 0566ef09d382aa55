// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <signal.h>

#include <functional>

namespace pinhole {

// The signals of a server process: SIGTERM and SIGINT shut it down in an
// orderly way, a second one terminates it immediately; SIGHUP reloads files.
// All threads block these signals and one waits for them, since few functions
// are safe in a signal handler.
class Signals {
 public:
  // Blocks the signals in this thread and in threads that it starts.  If
  // `handle_hangup` is false, SIGHUP has its default effect: it terminates the
  // process.
  explicit Signals(bool handle_hangup);

  // Waits for SIGTERM or SIGINT, and calls `on_hangup` for each SIGHUP before.
  void AwaitEnd(const std::function<void()>& on_hangup) const;

  // From now on SIGTERM or SIGINT terminates the process immediately, with the
  // exit code that a shell reports for the signal.  Must be called at most
  // once.
  void EndAtOnceOnNext() const;

 private:
  sigset_t signals_;
};

}  // namespace pinhole
