// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "client/lab/observe/metrics_page.h"
#include "client/lab/report/report.pb.h"

namespace pinhole::lab {

// The use of a server's resources between two readings of its metrics,
// `seconds` apart.
report::Resources ResourcesBetween(const MetricsPage& before,
                                   const MetricsPage& after, double seconds);

// How much data a server has, as its metrics report it.
report::Rows RowsOf(const MetricsPage& page);

}  // namespace pinhole::lab
