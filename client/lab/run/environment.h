// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_LAB_RUN_ENVIRONMENT_H_
#define PINHOLE_CLIENT_LAB_RUN_ENVIRONMENT_H_

#include "client/lab/load/target.h"
#include "client/lab/report/report.pb.h"
#include "client/lab/run/metrics_page.h"

namespace pinhole::lab {

// Where the lab runs, and what the server says about itself in `page`, which
// may be null.
report::Environment DescribeEnvironment(const Target& target,
                                        const MetricsPage* page);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_RUN_ENVIRONMENT_H_
