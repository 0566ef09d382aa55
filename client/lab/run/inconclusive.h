// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>

#include "client/lab/report/report.pb.h"

namespace pinhole::lab {

// Returns why `report`, or one of its variants, supports no firm conclusion
// about the server: the lab could not make the load, a limit was not confirmed,
// or there were too few answers.  Returns an empty string if it does.
std::string WhyInconclusive(const report::Report& report);

}  // namespace pinhole::lab
