// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <vector>

#include "base/rate_limiter.h"
#include "server/store/guess_counter.h"

namespace pinhole {

// Counts the guesses of one server.  A restart forgets them.  Thread-safe.
class MemoryGuessCounter final : public GuessCounter {
 public:
  MemoryGuessCounter();

  Task<absl::StatusOr<absl::Duration>> Charge(std::vector<GuessCharge> charges,
                                              absl::Time now) override;
  void Refund(std::vector<GuessCharge> charges) override;

 private:
  RateLimiter& LimiterOf(GuessLimit limit);

  RateLimiter places_;
  RateLimiter networks_;
  RateLimiter accounts_;
  RateLimiter owners_;
};

}  // namespace pinhole
