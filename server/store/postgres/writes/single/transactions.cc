// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/writes/single/transactions.h"

#include "base/status_macros.h"

namespace pinhole::postgres {

absl::Status Transactions::Run(Lane::Work work) {
  RETURN_IF_ERROR(
      lane_.Run({&attempt_, 1}, kTries, [&](WriteTransaction& transaction) {
        // BEGIN, so that `work` can use the connection as it likes.
        RETURN_IF_ERROR(transaction.pipeline.Flush().status());
        return work(transaction);
      }));
  attempt_->Committed();
  return absl::OkStatus();
}

}  // namespace pinhole::postgres
