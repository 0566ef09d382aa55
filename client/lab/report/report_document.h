// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "client/lab/report/document.h"
#include "client/lab/report/report.pb.h"

namespace pinhole::lab {

// Everything that a report shows but its charts.  Latencies of operations that
// never succeeded are en dashes.  Works for any report, even an empty one.
Document DocumentOf(const report::Report& report);

}  // namespace pinhole::lab
