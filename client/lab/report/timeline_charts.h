// SPDX-License-Identifier: Apache-2.0

// A run in the order it happened, as charts.

#ifndef PINHOLE_CLIENT_LAB_REPORT_TIMELINE_CHARTS_H_
#define PINHOLE_CLIENT_LAB_REPORT_TIMELINE_CHARTS_H_

#include "client/lab/report/exhibit.h"
#include "client/lab/report/report.pb.h"

namespace pinhole::lab {

// Of those there is data for: second by second, and the server's resources step
// by step.
Exhibits TimelineCharts(const report::Report& report);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_REPORT_TIMELINE_CHARTS_H_
