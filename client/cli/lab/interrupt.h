// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>

namespace pinhole::cli {

// While an object exists, the first SIGINT or SIGTERM only sets `stop`, so that
// the results so far can be reported; the second ends the program.  At most one
// object may exist.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  const std::atomic<bool>& stop() const;
};

}  // namespace pinhole::cli
