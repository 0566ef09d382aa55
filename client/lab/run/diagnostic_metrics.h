// SPDX-License-Identifier: Apache-2.0

// The part of the diagnostic that reads the server's metrics.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/lab/observe/metrics_page.h"
#include "client/lab/run/diagnostic.h"

namespace pinhole::lab {

// Adds checks of the metrics page at `url`: that it can be read, that it is
// `target`'s and complete, and what it says about database, disk and process.
// Returns the page if it is `target`'s.
std::optional<MetricsPage> CheckMetrics(const Target& target,
                                        const std::string& url,
                                        std::vector<Check>& checks);

// Adds checks of what `page` holds.  A server on PostgreSQL reports neither
// caches nor figures of database files.
void CheckPage(const MetricsPage& page, std::vector<Check>& checks);

// Adds a check of the time that commits took since `before`.
void CheckCommits(const std::string& url, const MetricsPage& before,
                  std::vector<Check>& checks);

}  // namespace pinhole::lab
