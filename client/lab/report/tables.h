// SPDX-License-Identifier: Apache-2.0

// Reports for the terminal: plain text, columns aligned, each function's text
// ends with a newline, or is empty if there is nothing to say.  What a server
// may have put into a report cannot steer the terminal.

#ifndef PINHOLE_CLIENT_LAB_REPORT_TABLES_H_
#define PINHOLE_CLIENT_LAB_REPORT_TABLES_H_

#include <string>

#include "client/lab/report/report.pb.h"
#include "client/lab/report/step_choice.h"

namespace pinhole::lab {

// The limit, what broke first, the binding resource and the advice.
std::string HeadlineText(const report::Report& report);

// Where it ran, and what makes the figures worth less.
std::string EnvironmentText(const report::Report& report);

// A row for each step: users or rate, throughput, success, latency.
std::string StepTable(const Steps& steps);

std::string OperationTable(const report::Step& step);

// Failures of the step by operation and kind.
std::string ErrorTable(const report::Step& step);

// What the server's metrics say about a step, in one line.
std::string ResourcesLine(const report::Resources& resources);

// What bound it.
std::string FindingsText(const report::Report& report);

std::string ThresholdsText(const report::Report& report);

// Before and after: a row for each variant, then for each operation the p50 and
// p99 of each variant's last passing step.
std::string VariantTable(const report::Report& report);

// All of the above, for the last step that passed.
std::string ReportToText(const report::Report& report);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_REPORT_TABLES_H_
