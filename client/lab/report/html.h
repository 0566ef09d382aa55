// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_LAB_REPORT_HTML_H_
#define PINHOLE_CLIENT_LAB_REPORT_HTML_H_

#include <string>

#include "client/lab/report/report.pb.h"

namespace pinhole::lab {

// A report as one page that needs nothing else: no network, no script.  It is
// well-formed as XML too, so that any tool can take it apart; the report itself
// is in it as JSON, in the element with the id `report`.
std::string ReportToHtml(const report::Report& report);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_REPORT_HTML_H_
