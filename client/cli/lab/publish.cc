// SPDX-License-Identifier: Apache-2.0

#include "client/cli/lab/publish.h"

#include <string>
#include <utility>

#include "client/lab/html.h"
#include "client/lab/markdown.h"
#include "client/lab/report_file.h"
#include "client/lab/tables.h"

namespace pinhole::cli {

absl::Status Publish(Context& context, const LoadArguments& arguments,
                     const lab::report::Report& report) {
  if (!arguments.json_file.empty()) {
    if (auto status = lab::WriteReportFile(lab::ReportToJson(report),
                                           arguments.json_file);
        !status.ok()) {
      return status;
    }
  }
  if (!arguments.html_file.empty()) {
    if (auto status = lab::WriteReportFile(lab::ReportToHtml(report),
                                           arguments.html_file);
        !status.ok()) {
      return status;
    }
  }
  if (!arguments.markdown_file.empty()) {
    if (auto status = lab::WriteReportFile(lab::ReportToMarkdown(report),
                                           arguments.markdown_file);
        !status.ok()) {
      return status;
    }
  }
  context.Write(context.json ? lab::ReportToJson(report)
                             : lab::ReportToText(report));
  return absl::OkStatus();
}

void CheckThresholds(const std::vector<lab::Threshold>& thresholds,
                     const std::vector<lab::StepFigures>& steps,
                     lab::report::Report& report) {
  for (const lab::Threshold& threshold : thresholds) {
    lab::report::Threshold& checked = *report.add_thresholds();
    checked.set_text(threshold.text);
    checked.set_evidence("held in every step");
    for (std::size_t i = 0; i < steps.size(); ++i) {
      auto breach = lab::Breach(threshold, steps[i]);
      if (!breach) continue;
      checked.set_crossed(true);
      checked.set_evidence("step " + std::to_string(i + 1) + ": " +
                           *std::move(breach));
      break;
    }
  }
}

}  // namespace pinhole::cli
