// SPDX-License-Identifier: Apache-2.0

#include "client/cli/lab/publish.h"

#include <string>
#include <utility>

#include "client/lab/report/document.h"
#include "client/lab/report/page.h"
#include "client/lab/report/report_document.h"
#include "client/lab/report/report_file.h"

namespace pinhole::cli {
namespace {

std::string ToText(const lab::report::Report& report) {
  return lab::DocumentToText(lab::DocumentOf(report));
}

std::string ToJson(const lab::report::Report& report) {
  return lab::ReportToJson(report);
}

std::string ToMarkdown(const lab::report::Report& report) {
  return lab::DocumentToMarkdown(lab::DocumentOf(report));
}

}  // namespace

absl::Status CheckOutput(const Context& context,
                         const OutputArguments& arguments) {
  const bool json = context.json || arguments.json_file == "-";
  const int forms = (json ? 1 : 0) + (arguments.html_file == "-" ? 1 : 0) +
                    (arguments.markdown_file == "-" ? 1 : 0);
  if (forms <= 1) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "standard output takes one form of the report; give only one of --json, "
      "--output -, --html - and --markdown -, and files for the others");
}

absl::Status Publish(Context& context, const OutputArguments& arguments,
                     const lab::report::Report& report) {
  using Form = std::string (*)(const lab::report::Report&);
  Form printed = context.json ? ToJson : ToText;
  const std::pair<const std::string&, Form> outputs[] = {
      {arguments.json_file, ToJson},
      {arguments.html_file, lab::ReportToHtml},
      {arguments.markdown_file, ToMarkdown}};
  for (const auto& [path, form] : outputs) {
    if (path == "-") printed = form;
  }
  // Printed first, so that the report is not lost if a file cannot be written.
  context.Write(printed(report));
  absl::Status status;
  for (const auto& [path, form] : outputs) {
    if (path.empty() || path == "-") continue;
    status.Update(lab::WriteReportFile(form(report), path));
  }
  return status;
}

void CheckThresholds(const std::vector<lab::Threshold>& thresholds,
                     const std::vector<lab::StepFigures>& steps,
                     lab::report::Report& report) {
  // A search loads the server beyond its limit; only the steps that confirm the
  // limit have to hold.
  const bool search = report.command() == "breaking";
  for (const lab::Threshold& threshold : thresholds) {
    lab::report::Threshold& checked = *report.add_thresholds();
    checked.set_text(threshold.text);
    checked.set_crossed(true);
    checked.set_evidence(search ? "no limit was confirmed"
                                : "nothing was measured");
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const auto& step = report.steps(static_cast<int>(i));
      // A step that was cut short cannot cross a threshold.
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
