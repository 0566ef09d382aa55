// SPDX-License-Identifier: Apache-2.0

// Reports as the lab might write them, with figures a small machine would have.

#pragma once

#include "client/lab/report/report.pb.h"

namespace pinhole::lab::testing {

// Text that would break out of HTML, JSON, markdown or a terminal if it were
// not escaped.
inline constexpr char kHostile[] =
    "</script><img src=x onerror=alert(1)><!--\"'&|{{report}}\x1b[31m";

// A search by rate and by users that found the limit: the write lock.
report::Report BreakingReport();

// A ladder of users with thresholds, without the server's metrics, interrupted.
report::Report StressReport();

// Three settings of the server.
report::Report AblationReport();

// All of these in one report, with kHostile as every text.
report::Report HostileReport();

}  // namespace pinhole::lab::testing
