// SPDX-License-Identifier: Apache-2.0

// What each improvement of the server bought, as tables.

#ifndef PINHOLE_CLIENT_LAB_REPORT_VARIANT_GRIDS_H_
#define PINHOLE_CLIENT_LAB_REPORT_VARIANT_GRIDS_H_

#include <string>

#include "client/lab/report/grid.h"
#include "client/lab/report/report.pb.h"

namespace pinhole::lab {

// The step that variants are compared by: at the greatest load that all of them
// ran, or if there is none, each one's best.  Null if it ran none.
const report::Step* StepToCompare(const report::Report& report,
                                  const report::Variant& variant);
// What those steps have in common: "at 20 users".
std::string ComparedAt(const report::Report& report);

// A row for each variant: highest rate and users, how many times those of the
// first, failures, what bound it.
Grid VariantGrid(const report::Report& report);

// A row for each variant, a column for each operation: "p50 / p99".
Grid VariantOperationGrid(const report::Report& report);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_REPORT_VARIANT_GRIDS_H_
