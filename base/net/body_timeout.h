// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>

#include "absl/time/time.h"

namespace pinhole {

// The timeout for receiving the body of a request or the messages of an upload,
// over HTTP and gRPC, so that slow requests do not occupy connections and
// memory. The client has a time budget: waiting for bytes consumes it, and
// received bytes replenish it.  A client that keeps to the minimum rate never
// times out.
class BodyTimeout {
 public:
  struct Options {
    absl::Duration first = absl::Seconds(10);  // For the first bytes.
    // After the first bytes: the maximum budget, and the minimum rate, at which
    // bytes replenish it.
    absl::Duration pause = absl::Seconds(30);
    double bytes_per_second = 1024;
  };

  explicit BodyTimeout(const Options& options);

  // The time left to receive the next bytes; zero or negative on timeout.
  absl::Duration left() const { return left_; }
  // Whether any bytes have been received.
  bool begun() const { return begun_; }

  // Must be called for each receipt of `bytes` after waiting for `waited`.
  void Received(std::size_t bytes, absl::Duration waited);

 private:
  Options options_;
  absl::Duration left_;
  bool begun_ = false;
};

}  // namespace pinhole
