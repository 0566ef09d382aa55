// SPDX-License-Identifier: Apache-2.0

// What more load does, as charts.

#ifndef PINHOLE_CLIENT_LAB_REPORT_LOAD_CHARTS_H_
#define PINHOLE_CLIENT_LAB_REPORT_LOAD_CHARTS_H_

#include "client/lab/report/exhibit.h"
#include "client/lab/report/report.pb.h"

namespace pinhole::lab {

// Of those there is data for: throughput and latency against rate and against
// users, and the fit of the Universal Scalability Law.
Exhibits LoadCharts(const report::Report& report);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_REPORT_LOAD_CHARTS_H_
