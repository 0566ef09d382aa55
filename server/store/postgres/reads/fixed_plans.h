// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "absl/status/status.h"
#include "server/store/postgres/db/connection.h"

namespace pinhole::postgres {

// Sets the planner's options of a connection so that the plans of all reads
// follow the statements as written: index scans and nested loops, planned once
// per connection.  The default planner chooses by statistics, which are missing
// in a new database and can be misleading: for a user who follows silent
// people, it expects to find the newest photos soon and scans everybody's.
absl::Status FixPlans(Connection& connection);

}  // namespace pinhole::postgres
