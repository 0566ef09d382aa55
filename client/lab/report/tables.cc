// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/tables.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "client/lab/report/chart/harmless.h"
#include "client/lab/report/grid.h"
#include "client/lab/report/headline.h"
#include "client/lab/report/run_grids.h"
#include "client/lab/report/step_grids.h"
#include "client/lab/report/variant_grids.h"
#include "client/lab/report/wording.h"
#include "fmt/format.h"

namespace pinhole::lab {
namespace {

std::string Section(const std::string& title, const std::string& text) {
  return text.empty() ? "" : fmt::format("\n{}\n{}", title, text);
}

// For terminals of 80 columns and more: what the headline does not need is in
// the page.
constexpr std::size_t kWidth = 78;

// Lines after the first are as far in as the text of the first.
std::string Wrapped(const std::string& text, const std::string& lead = "") {
  const std::string indent(lead.size(), ' ');
  std::string result;
  std::string line = lead;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    if (line.size() > indent.size() && line.size() + 1 + word.size() > kWidth) {
      result += line + "\n";
      line = indent;
    }
    if (line.size() > indent.size()) line += " ";
    line += word;
    begin = end + 1;
  }
  return line.size() > indent.size() ? result + line + "\n" : result;
}

}  // namespace

std::string HeadlineText(const report::Report& report) {
  const std::vector<Fact> facts = HeadlineOf(report);
  std::size_t width = 0;
  for (const Fact& fact : facts) width = std::max(width, fact.what.size());
  std::string text;
  for (const Fact& fact : facts) {
    text +=
        fmt::format("{:<{}}  {}\n", fact.what, width, Harmless(fact.answer));
    text += Wrapped(Harmless(fact.note), std::string(width + 2, ' '));
  }
  return text;
}

std::string EnvironmentText(const report::Report& report) {
  std::string text = Wrapped(Harmless(EnvironmentLine(report)));
  for (const std::string& warning : WarningsOf(report)) {
    text += Wrapped(Harmless(warning), "Beware: ");
  }
  return text;
}

std::string StepTable(const Steps& steps) {
  const std::string open = GridToText(StepGrid(OfKind(steps, "open")));
  const std::string closed = GridToText(StepGrid(OfKind(steps, "closed")));
  return open.empty() || closed.empty() ? open + closed : open + "\n" + closed;
}

std::string OperationTable(const report::Step& step) {
  return GridToText(OperationGrid(step));
}

std::string ErrorTable(const report::Step& step) {
  return GridToText(ErrorGrid(step));
}

std::string ResourcesLine(const report::Resources& resources) {
  if (!resources.error().empty()) {
    return fmt::format("server: metrics could not be read: {}\n",
                       Harmless(resources.error()));
  }
  return fmt::format(
      "server: CPU {} cores (hashing {}), write lock {} %, commit {} % (p99 "
      "{}), {} queries/op, cache hits {} %, {} busy, {} rejected, {} MiB\n",
      FigureWord(resources.cpu_cores()), FigureWord(resources.hash_cores()),
      FigureWord(100 * resources.write_lock_share()),
      FigureWord(100 * resources.commit_share()),
      DurationWord(resources.commit_p99_ms()),
      FigureWord(resources.queries_per_operation()),
      FigureWord(100 * resources.cache_hit_ratio()),
      FigureWord(resources.busy_errors()), FigureWord(resources.rejected()),
      FigureWord(resources.memory_mib()));
}

std::string FindingsText(const report::Report& report) {
  std::string text;
  for (const report::Finding& finding : report.findings()) {
    text += fmt::format("{}: {}\n", Harmless(finding.severity()),
                        Harmless(ResourceWord(finding.id())));
    text += Wrapped(Harmless(Sentence(finding.evidence())), "  ");
    text += Wrapped(Harmless(Sentence(finding.advice())), "  -> ");
  }
  for (const std::string& remark : RemarksOf(report)) {
    text += Wrapped(Harmless(remark), "");
  }
  return text;
}

std::string ThresholdsText(const report::Report& report) {
  return GridToText(ThresholdGrid(report));
}

std::string VariantTable(const report::Report& report) {
  const std::string operations = GridToText(VariantOperationGrid(report));
  return GridToText(VariantGrid(report)) +
         (operations.empty() ? "" : "\n" + operations);
}

std::string ReportToText(const report::Report& report) {
  std::string text = Harmless(TitleOf(report)) + "\n" + EnvironmentText(report);
  text += "\n" + HeadlineText(report);
  text += Section("Steps", StepTable(report.steps()));
  if (const report::Step* best = BestStep(report.steps()); best != nullptr) {
    text += Section("Operations at " + LoadWord(*best), OperationTable(*best));
    text += Section("Errors at " + LoadWord(*best), ErrorTable(*best));
    if (best->has_resources()) text += "\n" + ResourcesLine(best->resources());
  }
  text +=
      Section("Before and after, " + ComparedAt(report), VariantTable(report));
  text += Section("What bound it", FindingsText(report));
  text += Section("Thresholds", ThresholdsText(report));
  return text;
}

}  // namespace pinhole::lab
