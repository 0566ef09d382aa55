// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "client/lab/load/target.h"
#include "client/lab/observe/metrics_page.h"
#include "client/lab/report/report.pb.h"

namespace pinhole::lab {

// Values of the label `engine` of the metric `pinhole_db_info`.
inline constexpr char kSqliteEngine[] = "sqlite";
inline constexpr char kPostgresEngine[] = "postgresql";

// Describes the machine of the lab, and the server as `page` reports it; `page`
// may be null.
report::Environment DescribeEnvironment(const Target& target,
                                        const MetricsPage* page);

}  // namespace pinhole::lab
