// SPDX-License-Identifier: Apache-2.0

#include "client/cli/lab/publish.h"

#include <string>
#include <utility>

#include "client/lab/report/html.h"
#include "client/lab/report/markdown.h"
#include "client/lab/report/report_file.h"
#include "client/lab/report/tables.h"

namespace pinhole::cli {

absl::Status Publish(Context& context, const OutputArguments& arguments,
                     const lab::report::Report& report) {
  // First what needs no file: a run is not lost because one cannot be written.
  context.Write(context.json ? lab::ReportToJson(report)
                             : lab::ReportToText(report));
  absl::Status status;
  const auto write = [&](const std::string& path, const auto& form) {
    if (!path.empty()) status.Update(lab::WriteReportFile(form(report), path));
  };
  write(arguments.json_file,
        [](const auto& whole) { return lab::ReportToJson(whole); });
  write(arguments.html_file, lab::ReportToHtml);
  write(arguments.markdown_file, lab::ReportToMarkdown);
  return status;
}

void CheckThresholds(const std::vector<lab::Threshold>& thresholds,
                     const std::vector<lab::StepFigures>& steps,
                     lab::report::Report& report) {
  // A search means to fail; what it found is what has to hold.
  const bool search = report.command() == "breaking";
  for (const lab::Threshold& threshold : thresholds) {
    lab::report::Threshold& checked = *report.add_thresholds();
    checked.set_text(threshold.text);
    checked.set_crossed(true);
    checked.set_evidence(search ? "no limit was confirmed"
                                : "nothing was measured");
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const auto& step = report.steps(static_cast<int>(i));
      // What was cut off was not measured, which is not to be a breach.
      if (step.cut_short() || (search && step.purpose() != "confirm")) continue;
      auto breach = lab::Breach(threshold, steps[i]);
      checked.set_crossed(breach.has_value());
      checked.set_evidence(breach ? "step " + std::to_string(i + 1) + ": " +
                                        *std::move(breach)
                                  : "held in every step");
      if (checked.crossed()) break;
    }
  }
}

}  // namespace pinhole::cli
