// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_LAB_REPORT_MARKDOWN_H_
#define PINHOLE_CLIENT_LAB_REPORT_MARKDOWN_H_

#include <string>

#include "client/lab/report/report.pb.h"

namespace pinhole::lab {

// A report in short, for notes: headline, environment, steps, operations of the
// last step that passed, findings, and the variants of an ablation.
std::string ReportToMarkdown(const report::Report& report);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_REPORT_MARKDOWN_H_
