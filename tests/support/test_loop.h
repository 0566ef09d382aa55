// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_TESTS_SUPPORT_TEST_LOOP_H_
#define PINHOLE_TESTS_SUPPORT_TEST_LOOP_H_

#include "base/async/blocking_executor.h"

namespace pinhole::testing {

// Runs the coroutines of a test on the test's own thread.
using TestLoop = BlockingExecutor;

}  // namespace pinhole::testing

#endif  // PINHOLE_TESTS_SUPPORT_TEST_LOOP_H_
