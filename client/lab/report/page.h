// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <string_view>

#include "client/lab/report/report.pb.h"

namespace pinhole::lab {

// A report as one page that loads nothing.  The elements with the ids `report`
// and `tables` hold the report and its DocumentToJson() as JSON, which the
// page's script shows; without scripts the page shows DocumentToText().
std::string ReportToHtml(const report::Report& report);

// The embedded files.
std::string_view PageHtml();
std::string_view PageJs();
std::string_view UplotJs();
std::string_view UplotCss();

}  // namespace pinhole::lab
