// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "client/cli/commands/context.h"
#include "client/lab/load/cleanup.h"

namespace pinhole::cli {

// What came of deleting the accounts of `run`, as sentences for people; `run`
// is empty for all runs.
std::string DescribeCleanup(const Context& context,
                            const absl::StatusOr<lab::Cleanup>& cleanup,
                            const std::string& run);

}  // namespace pinhole::cli
