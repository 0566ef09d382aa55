// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "server/store/postgres/writes/attempt.h"
#include "server/store/postgres/writes/lane.h"

namespace pinhole::postgres {

// The transactions of one command of the single lane.
class Transactions {
 public:
  // Both must outlive this object.
  Transactions(Lane& lane, std::shared_ptr<Attempt> attempt)
      : lane_(lane), attempt_(std::move(attempt)) {}

  // Runs `work` in a transaction, which is open when it is called, and commits
  // it.  Several transactions are committed in order.  After an error the
  // command must end with that error.
  absl::Status Run(Lane::Work work);

 private:
  static constexpr int kTries = 8;

  Lane& lane_;
  const std::shared_ptr<Attempt> attempt_;
};

}  // namespace pinhole::postgres
