// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_NET_PACE_H_
#define PINHOLE_BASE_NET_PACE_H_

#include <cstddef>

#include "absl/time/time.h"

namespace pinhole {

// How fast a client has to send the bytes of an upload or another body, over
// both doors: a request that sends nothing holds a place and memory that others
// need.  The client has a credit of time, which waiting for its bytes uses up
// and its bytes renew.
class Pace {
 public:
  struct Options {
    absl::Duration first = absl::Seconds(10);  // For the first bytes.
    // After them: the largest credit, and the rate at which bytes renew it.
    absl::Duration pause = absl::Seconds(30);
    double bytes_per_second = 1024;
  };

  explicit Pace(const Options& options);

  // How long the next bytes may take; not positive if it is too late.
  absl::Duration left() const { return left_; }
  // Whether the first bytes have arrived.
  bool begun() const { return begun_; }

  // Some bytes arrived, after so long a wait.
  void Arrived(std::size_t bytes, absl::Duration waited);

 private:
  Options options_;
  absl::Duration left_;
  bool begun_ = false;
};

}  // namespace pinhole

#endif  // PINHOLE_BASE_NET_PACE_H_
