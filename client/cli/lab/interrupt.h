// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_CLI_LAB_INTERRUPT_H_
#define PINHOLE_CLIENT_CLI_LAB_INTERRUPT_H_

#include <atomic>

namespace pinhole::cli {

// While it lives, the first SIGINT or SIGTERM only sets `stop`, so that what
// there is can be reported; the second ends the program.  One at a time.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  const std::atomic<bool>& stop() const;
};

}  // namespace pinhole::cli

#endif  // PINHOLE_CLIENT_CLI_LAB_INTERRUPT_H_
