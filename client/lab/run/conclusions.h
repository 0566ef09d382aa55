// SPDX-License-Identifier: Apache-2.0

// What follows from the steps of a report, added to it.

#ifndef PINHOLE_CLIENT_LAB_RUN_CONCLUSIONS_H_
#define PINHOLE_CLIENT_LAB_RUN_CONCLUSIONS_H_

#include "client/lab/core/search.h"
#include "client/lab/report/report.pb.h"

namespace pinhole::lab {

// Where more load stops paying, of the steps with the most levels of one kind.
void AddKnee(report::Report& report);

// The fit to the closed-loop steps, or why there is none.
void AddUsl(report::Report& report);

// What `step` says about the server's resources.
void AddFindings(const report::Step& step, report::Report& report);

report::Limit DescribeLimit(const SearchResult& result, Loop loop,
                            const Slo& slo);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_RUN_CONCLUSIONS_H_
