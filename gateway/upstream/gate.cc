// SPDX-License-Identifier: Apache-2.0

#include "gateway/upstream/gate.h"

#include <utility>

namespace pinhole::gateway {

void Gate::Pass(absl::AnyInvocable<void()> operation) {
  {
    absl::MutexLock lock(&mutex_);
    if (!open_) return waiting_.push_back(std::move(operation));
  }
  operation();
}

void Gate::Open() {
  std::vector<absl::AnyInvocable<void()>> waiting;
  {
    absl::MutexLock lock(&mutex_);
    open_ = true;
    waiting.swap(waiting_);
  }
  for (auto& operation : waiting) operation();
}

}  // namespace pinhole::gateway
