// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_LAB_REPORT_LATENCY_AXIS_H_
#define PINHOLE_CLIENT_LAB_REPORT_LATENCY_AXIS_H_

#include <vector>

#include "client/lab/report/chart/axis.h"
#include "client/lab/report/chart/line_chart.h"

namespace pinhole::lab {

// For milliseconds: linear from 0, or logarithmic if they lie so far apart that
// the small ones would vanish.  Has room for `limit_ms` too, unless that is 0.
chart::Axis LatencyAxis(const std::vector<chart::Series>& series,
                        double limit_ms = 0);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_REPORT_LATENCY_AXIS_H_
