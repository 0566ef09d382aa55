// SPDX-License-Identifier: Apache-2.0

// The part of the diagnostic that reads the server's metrics.

#ifndef PINHOLE_CLIENT_LAB_RUN_DIAGNOSTIC_METRICS_H_
#define PINHOLE_CLIENT_LAB_RUN_DIAGNOSTIC_METRICS_H_

#include <optional>
#include <string>
#include <vector>

#include "client/lab/run/diagnostic.h"
#include "client/lab/run/metrics_page.h"

namespace pinhole::lab {

// Whether the page is there and complete, and what it says about database, disk
// and process.  Returns it, if it is there.
std::optional<MetricsPage> CheckMetrics(const std::string& url,
                                        std::vector<Check>& checks);

// What commits since `before` cost the server.
void CheckCommits(const std::string& url, const MetricsPage& before,
                  std::vector<Check>& checks);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_RUN_DIAGNOSTIC_METRICS_H_
