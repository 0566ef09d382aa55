// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "server/store/commands.h"
#include "server/store/postgres/writes/attempt.h"
#include "server/store/postgres/writes/lane.h"

namespace pinhole::postgres {

// Whether the command is one of those that run in batches.
bool IsBatched(const Command& command);

// Runs batched commands in the order of the span, in one transaction, and
// answers them.  If the transaction fails as a whole, each command is run again
// in a transaction of its own, so that one cannot harm the others.  Returns the
// commands that are to be run again later, because other transactions are in
// the way.
std::vector<std::shared_ptr<Attempt>> RunBatch(
    Lane& lane, std::vector<std::shared_ptr<Attempt>> attempts);

}  // namespace pinhole::postgres
