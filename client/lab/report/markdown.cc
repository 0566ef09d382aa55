// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/markdown.h"

#include "client/lab/report/grid.h"
#include "client/lab/report/headline.h"
#include "client/lab/report/run_grids.h"
#include "client/lab/report/step_choice.h"
#include "client/lab/report/step_grids.h"
#include "client/lab/report/variant_grids.h"
#include "client/lab/report/wording.h"
#include "fmt/format.h"

namespace pinhole::lab {
namespace {

std::string Section(const std::string& title, const std::string& text) {
  return text.empty() ? "" : fmt::format("\n### {}\n\n{}", title, text);
}

std::string Headline(const report::Report& report) {
  std::string text;
  for (const Fact& fact : HeadlineOf(report)) {
    text += fmt::format("- {}: **{}**", fact.what, EscapeMarkdown(fact.answer));
    if (!fact.note.empty()) text += ". " + EscapeMarkdown(fact.note);
    text += "\n";
  }
  return text;
}

std::string Environment(const report::Report& report) {
  std::string text;
  const std::string line = EnvironmentLine(report);
  if (!line.empty()) text += "\n" + EscapeMarkdown(line) + "\n";
  for (const std::string& warning : WarningsOf(report)) {
    text += fmt::format("\n> {}\n", EscapeMarkdown(warning));
  }
  return text;
}

std::string Findings(const report::Report& report) {
  std::string text;
  for (const report::Finding& finding : report.findings()) {
    text += fmt::format("- {} ({}): {} {}\n",
                        EscapeMarkdown(ResourceWord(finding.id())),
                        EscapeMarkdown(finding.severity()),
                        EscapeMarkdown(Sentence(finding.evidence())),
                        EscapeMarkdown(Sentence(finding.advice())));
  }
  for (const std::string& remark : RemarksOf(report)) {
    text += fmt::format("- {}\n", EscapeMarkdown(remark));
  }
  return text;
}

}  // namespace

std::string ReportToMarkdown(const report::Report& report) {
  std::string text = fmt::format("## {}\n\n", EscapeMarkdown(TitleOf(report)));
  text += Headline(report) + Environment(report);
  text += Section("Steps by rate",
                  GridToMarkdown(StepGrid(OfKind(report.steps(), "open"))));
  text += Section("Steps by users",
                  GridToMarkdown(StepGrid(OfKind(report.steps(), "closed"))));
  if (const report::Step* best = BestStep(report.steps()); best != nullptr) {
    text += Section("Operations at " + LoadWord(*best),
                    GridToMarkdown(OperationGrid(*best)));
  }
  text += Section("Before and after, " + ComparedAt(report),
                  GridToMarkdown(VariantGrid(report)));
  text += Section("Latency by variant, " + ComparedAt(report),
                  GridToMarkdown(VariantOperationGrid(report)));
  text += Section("What bound it", Findings(report));
  text += Section("Thresholds", GridToMarkdown(ThresholdGrid(report)));
  return text;
}

}  // namespace pinhole::lab
