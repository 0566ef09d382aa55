// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_PROCESS_SIGNALS_H_
#define PINHOLE_BASE_PROCESS_SIGNALS_H_

#include <signal.h>

#include <functional>

namespace pinhole {

// The signals of a process that serves: SIGTERM and SIGINT end it in order, a
// second one at once; SIGHUP makes it read files again.  All threads have them
// blocked and one waits for them, since hardly anything may be done inside a
// handler.
class Signals {
 public:
  // Blocks them for this thread and those that it starts.  Without anything to
  // read again, SIGHUP ends the process as it always did.
  explicit Signals(bool hangup_reads);

  // Returns when the process is told to end.
  void AwaitEnd(const std::function<void()>& on_hangup) const;

  // From now on SIGTERM or SIGINT ends the process at once, with the exit code
  // that a shell would show.  Once at most.
  void EndAtOnceOnNext() const;

 private:
  sigset_t signals_;
};

}  // namespace pinhole

#endif  // PINHOLE_BASE_PROCESS_SIGNALS_H_
