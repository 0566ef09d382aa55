// SPDX-License-Identifier: Apache-2.0

// Whether metrics belong to the server that a run calls.

#pragma once

#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "client/lab/load/target.h"
#include "client/lab/observe/metrics_page.h"

namespace pinhole::lab {

// The instance identifiers with which `target` answered GetServerInfo.  Each
// address is asked several times, because a gateway may pass each call to
// another server, but only until `expected` is among the answers.  Servers
// without an identifier add none.
// Errors: UNAVAILABLE or DEADLINE_EXCEEDED if an address does not answer.
absl::StatusOr<std::set<std::string>> InstancesBehind(
    const Target& target, const std::string& expected);

// Checks that `page`, which was read at `metrics_url`, is from one of
// `instances`, which answer at `target`.  Returns a warning for the report, or
// an empty string.
// Errors: INVALID_ARGUMENT if the page is from another server.
absl::StatusOr<std::string> CompareInstances(
    const std::set<std::string>& instances, const MetricsPage& page,
    const Target& target, const std::string& metrics_url);

// Both together.
absl::StatusOr<std::string> CheckInstance(const Target& target,
                                          const MetricsPage& page,
                                          const std::string& metrics_url);

}  // namespace pinhole::lab
