// SPDX-License-Identifier: Apache-2.0

// What belongs to a whole run, as tables.

#ifndef PINHOLE_CLIENT_LAB_REPORT_RUN_GRIDS_H_
#define PINHOLE_CLIENT_LAB_REPORT_RUN_GRIDS_H_

#include <string>
#include <vector>

#include "client/lab/report/grid.h"
#include "client/lab/report/report.pb.h"

namespace pinhole::lab {

// Two columns without names, what and which; lines without anything to say are
// left out.
Grid EnvironmentGrid(const report::Report& report);
Grid ConfigGrid(const report::Report& report);

// Users, photos and size of the database, before and after.
Grid RowsGrid(const report::Report& report);

Grid ThresholdGrid(const report::Report& report);

// The machine and the programs in one line.
std::string EnvironmentLine(const report::Report& report);

// What makes the figures worth less, the run's interruption included.
std::vector<std::string> WarningsOf(const report::Report& report);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_REPORT_RUN_GRIDS_H_
