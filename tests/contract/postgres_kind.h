// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "tests/contract/store_contract.h"

namespace pinhole::testing {

// A store in a database of its own for each folder, in the shared cluster of
// the test program.
StoreKind PostgresKind();
// Two such stores with the same database, which take turns.
StoreKind TwoPostgresKind();

}  // namespace pinhole::testing
