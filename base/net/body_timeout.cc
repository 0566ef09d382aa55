// SPDX-License-Identifier: Apache-2.0

#include "base/net/body_timeout.h"

#include <algorithm>

namespace pinhole {

BodyTimeout::BodyTimeout(const Options& options)
    : options_(options), left_(std::min(options.first, options.pause)) {}

void BodyTimeout::Received(std::size_t bytes, absl::Duration waited) {
  if (!begun_) {
    begun_ = true;
    left_ = options_.pause;
    return;
  }
  const double earned = static_cast<double>(bytes) / options_.bytes_per_second;
  left_ = std::min(options_.pause, left_ - waited + absl::Seconds(earned));
}

}  // namespace pinhole
