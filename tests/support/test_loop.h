// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "base/async/blocking_executor.h"

namespace pinhole::testing {

// Runs the coroutines of a test on the test's own thread.
using TestLoop = BlockingExecutor;

}  // namespace pinhole::testing
