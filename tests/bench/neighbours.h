// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

namespace pinhole::bench {

// Programs that do nothing but keep the processor busy, until this object goes
// or this process ends.  They belong to the session of this process, as a
// server that it starts does: the kernel may share the processor among sessions
// first, and only then among the programs of each.
class Neighbours {
 public:
  explicit Neighbours(int count) {
    for (int i = 0; i < count; ++i) programs_.push_back(Start());
  }
  ~Neighbours() {
    for (const pid_t program : programs_) {
      kill(program, SIGKILL);
      waitpid(program, nullptr, 0);
    }
  }
  Neighbours(const Neighbours&) = delete;
  Neighbours& operator=(const Neighbours&) = delete;

 private:
  static pid_t Start() {
    const pid_t parent = getpid();
    const pid_t program = fork();
    if (program < 0) std::abort();
    if (program > 0) return program;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (volatile unsigned work = 0; getppid() == parent;) {
      for (int i = 0; i < 1'000'000; ++i) work = work + 1;
    }
    _exit(0);
  }

  std::vector<pid_t> programs_;
};

}  // namespace pinhole::bench
