// SPDX-License-Identifier: Apache-2.0

// Steps as tables.

#ifndef PINHOLE_CLIENT_LAB_REPORT_STEP_GRIDS_H_
#define PINHOLE_CLIENT_LAB_REPORT_STEP_GRIDS_H_

#include "client/lab/report/grid.h"
#include "client/lab/report/report.pb.h"
#include "client/lab/report/step_choice.h"

namespace pinhole::lab {

// A row for each step, in the form of the tutorial's table.  Steps should be of
// one kind.
Grid StepGrid(const StepChoice& steps);

// A row for each operation, the last for all together.
Grid OperationGrid(const report::Step& step);

// Failures by operation and kind, the most frequent first.
Grid ErrorGrid(const report::Step& step);
// Failures by step and kind.
Grid ErrorGrid(const StepChoice& steps);

// What the server's metrics say, a row for each step that has them.
Grid ResourceGrid(const StepChoice& steps);

// Where the time of a call went, a row for each method.
Grid TimeSpentGrid(const report::Step& step);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_REPORT_STEP_GRIDS_H_
