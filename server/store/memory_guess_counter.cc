// SPDX-License-Identifier: Apache-2.0

#include "server/store/memory_guess_counter.h"

#include <cstddef>
#include <utility>

namespace pinhole {

MemoryGuessCounter::MemoryGuessCounter()
    : places_(OptionsOf(GuessLimit::kPlace)),
      networks_(OptionsOf(GuessLimit::kNetwork)),
      accounts_(OptionsOf(GuessLimit::kAccount)),
      owners_(OptionsOf(GuessLimit::kOwner)) {}

Task<absl::StatusOr<absl::Duration>> MemoryGuessCounter::Charge(
    std::vector<GuessCharge> charges, absl::Time now) {
  for (std::size_t i = 0; i < charges.size(); ++i) {
    const absl::Duration delay =
        LimiterOf(charges[i].limit).Take(charges[i].key, now);
    if (delay == absl::ZeroDuration()) continue;
    charges.resize(i);
    Refund(std::move(charges));
    co_return delay;
  }
  co_return absl::ZeroDuration();
}

void MemoryGuessCounter::Refund(std::vector<GuessCharge> charges) {
  for (const auto& [limit, key] : charges) LimiterOf(limit).GiveBack(key);
}

RateLimiter& MemoryGuessCounter::LimiterOf(GuessLimit limit) {
  switch (limit) {
    case GuessLimit::kPlace:
      return places_;
    case GuessLimit::kNetwork:
      return networks_;
    case GuessLimit::kAccount:
      return accounts_;
    case GuessLimit::kOwner:
      break;
  }
  return owners_;
}

}  // namespace pinhole
