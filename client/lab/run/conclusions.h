// SPDX-License-Identifier: Apache-2.0

// What follows from the steps of a report.

#pragma once

#include "client/lab/core/search.h"
#include "client/lab/report/report.pb.h"

namespace pinhole::lab {

// Replaces the report's findings by those of `step`.
void AddFindings(const report::Step& step, report::Report& report);

// The result of a search as a message, with its summary.  `cap_option` is the
// option that sets the highest load of the search; empty if the command has
// none.
report::Limit DescribeLimit(const SearchResult& result, Loop loop,
                            const Slo& slo, const std::string& cap_option);

}  // namespace pinhole::lab
