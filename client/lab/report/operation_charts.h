// SPDX-License-Identifier: Apache-2.0

// What operations are like, and where their time goes, as charts.

#ifndef PINHOLE_CLIENT_LAB_REPORT_OPERATION_CHARTS_H_
#define PINHOLE_CLIENT_LAB_REPORT_OPERATION_CHARTS_H_

#include "client/lab/report/exhibit.h"
#include "client/lab/report/report.pb.h"

namespace pinhole::lab {

// Of those there is data for: latency and throughput of each operation and
// where its time went, all at the best step (step_choice.h), and the whole
// spectrum of latency at up to six loads.
Exhibits OperationCharts(const report::Report& report);

// The highest rate and number of users of each variant, and its latency.
Exhibits VariantCharts(const report::Report& report);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_REPORT_OPERATION_CHARTS_H_
