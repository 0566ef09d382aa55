// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/reads/fixed_plans.h"

namespace pinhole::postgres {

absl::Status FixPlans(Connection& connection) {
  return connection.Execute(
      "SET plan_cache_mode = force_generic_plan;"
      "SET enable_seqscan = off;"
      "SET enable_bitmapscan = off;"
      "SET enable_hashjoin = off;"
      "SET enable_mergejoin = off;"
      "SET enable_material = off;"
      "SET enable_memoize = off;"
      "SET max_parallel_workers_per_gather = 0;"
      "SET jit = off");
}

}  // namespace pinhole::postgres
