// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_LAB_REPORT_SPECTRUM_CHART_H_
#define PINHOLE_CLIENT_LAB_REPORT_SPECTRUM_CHART_H_

#include "client/lab/report/exhibit.h"
#include "client/lab/report/step_choice.h"

namespace pinhole::lab {

// The whole distribution of latency, up to the rarest, at up to six of the
// loads of `steps`, which are of one kind and at least one.
Exhibit SpectrumChart(const StepChoice& steps);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_REPORT_SPECTRUM_CHART_H_
