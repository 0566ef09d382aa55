// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/writes/single/run_single.h"

#include <utility>
#include <variant>

#include "base/status_macros.h"
#include "server/store/postgres/writes/single/blocks.h"
#include "server/store/postgres/writes/single/comments.h"
#include "server/store/postgres/writes/single/delete_user.h"
#include "server/store/postgres/writes/single/photos.h"
#include "server/store/postgres/writes/single/purge.h"
#include "server/store/postgres/writes/single/uploads.h"
#include "server/store/postgres/writes/single/users.h"

namespace pinhole::postgres {
namespace {

template <typename C>
concept OneTransaction = requires(WriteTransaction& transaction,
                                  const C& command) {
  Apply(transaction, command);
};

template <typename C>
concept ManyTransactions = requires(Transactions& transactions,
                                    const C& command) {
  Run(transactions, command);
};

template <typename C>
absl::StatusOr<CommandResult> RunAny(Transactions& transactions,
                                     const C& command) {
  if constexpr (ManyTransactions<C>) {
    ASSIGN_OR_RETURN(typename C::Result result, Run(transactions, command));
    return CommandResult(std::move(result));
  } else if constexpr (OneTransaction<C>) {
    typename C::Result result;
    RETURN_IF_ERROR(
        transactions.Run([&](WriteTransaction& transaction) -> absl::Status {
          ASSIGN_OR_RETURN(result, Apply(transaction, command));
          return absl::OkStatus();
        }));
    return CommandResult(std::move(result));
  } else {
    return absl::InternalError("the command must be run in a batch");
  }
}

}  // namespace

absl::StatusOr<CommandResult> RunSingle(Transactions& transactions,
                                        const Command& command) {
  return std::visit([&](const auto& c) { return RunAny(transactions, c); },
                    command);
}

}  // namespace pinhole::postgres
