// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/html.h"

#include <string>
#include <vector>

#include "client/lab/report/chart/markup.h"
#include "client/lab/report/exhibit.h"
#include "client/lab/report/grid.h"
#include "client/lab/report/headline.h"
#include "client/lab/report/load_charts.h"
#include "client/lab/report/operation_charts.h"
#include "client/lab/report/page_style.h"
#include "client/lab/report/report_file.h"
#include "client/lab/report/run_grids.h"
#include "client/lab/report/step_choice.h"
#include "client/lab/report/step_grids.h"
#include "client/lab/report/timeline_charts.h"
#include "client/lab/report/variant_grids.h"
#include "client/lab/report/wording.h"
#include "fmt/format.h"

namespace pinhole::lab {
namespace {

using chart::Escape;

// There is no script to allow: the element with the data is never run.
constexpr char kPolicy[] =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'";

std::string Section(const std::string& title, const std::string& content) {
  if (content.empty()) return "";
  return fmt::format("<section>\n<h2>{}</h2>\n{}</section>\n", Escape(title),
                     content);
}

std::string Titled(const std::string& title, const Grid& grid) {
  if (grid.empty()) return "";
  return fmt::format("<h3>{}</h3>\n{}", Escape(title), GridToHtml(grid));
}

std::string Folded(const std::string& title, const std::string& content) {
  if (content.empty()) return "";
  return fmt::format("<details><summary>{}</summary>\n{}</details>\n",
                     Escape(title), content);
}

std::string Facts(const report::Report& report) {
  std::string html = "<dl class=\"facts\">\n";
  for (const Fact& fact : HeadlineOf(report)) {
    html += fmt::format("<div><dt>{}</dt><dd class=\"answer\">{}</dd>",
                        Escape(fact.what), Escape(fact.answer));
    if (!fact.note.empty()) {
      html += fmt::format("<dd class=\"note\">{}</dd>", Escape(fact.note));
    }
    html += "</div>\n";
  }
  return html + "</dl>\n";
}

std::string Warnings(const report::Report& report) {
  std::string html;
  for (const std::string& warning : WarningsOf(report)) {
    html += fmt::format("<li>{}</li>\n", Escape(warning));
  }
  if (html.empty()) return "";
  return "<ul class=\"warnings\" aria-label=\"Warnings\">\n" + html + "</ul>\n";
}

std::string Header(const report::Report& report) {
  return fmt::format(
      "<header>\n<h1>{}</h1>\n<p class=\"quiet\">{}</p>\n{}{}</header>\n",
      Escape(TitleOf(report)), Escape(EnvironmentLine(report)),
      Warnings(report), Facts(report));
}

std::string StepTables(const Steps& steps) {
  const StepChoice open = OfKind(steps, "open");
  const StepChoice closed = OfKind(steps, "closed");
  return Titled(open.empty() ? "" : "By rate", StepGrid(open)) +
         Titled(closed.empty() ? "" : "By users", StepGrid(closed));
}

std::string OperationTables(const report::Report& report) {
  const report::Step* best = BestStep(report.steps());
  if (best == nullptr) return "";
  std::string html = Titled("At " + LoadWord(*best), OperationGrid(*best));
  for (const report::Step& step : report.steps()) {
    if (&step == best) continue;
    html +=
        Folded(fmt::format("At {}{}{}", LoadWord(step),
                           step.purpose().empty() ? "" : ", ", step.purpose()),
               GridToHtml(OperationGrid(step)));
  }
  return html;
}

std::string Errors(const report::Report& report) {
  std::string html = GridToHtml(ErrorGrid(All(report.steps())));
  for (const report::Step& step : report.steps()) {
    html += Folded("By operation at " + LoadWord(step),
                   GridToHtml(ErrorGrid(step)));
  }
  return html;
}

std::string Findings(const report::Report& report) {
  std::string html;
  for (const report::Finding& finding : report.findings()) {
    // Only what the style knows becomes a class.
    const bool known =
        finding.severity() == "limit" || finding.severity() == "warning";
    html += fmt::format(
        "<li{}><strong>{}</strong> <span class=\"quiet\">({})</span>"
        "<p>{}</p><p>{}</p></li>\n",
        known ? fmt::format(" class=\"{}\"", finding.severity()) : "",
        Escape(ResourceWord(finding.id())), Escape(finding.severity()),
        Escape(Sentence(finding.evidence())),
        Escape(Sentence(finding.advice())));
  }
  if (html.empty()) return "";
  return "<ul class=\"findings\">\n" + html + "</ul>\n";
}

// What the searches and fits say in words.
std::string Remarks(const report::Report& report) {
  std::string html;
  for (const std::string& remark : RemarksOf(report)) {
    html += "<p>" + Escape(remark) + "</p>\n";
  }
  return html;
}

std::string Charts(const Exhibits& exhibits) {
  std::string html;
  for (const Exhibit& exhibit : exhibits) html += ExhibitToHtml(exhibit);
  return html.empty() ? "" : "<div class=\"charts\">\n" + html + "</div>\n";
}

std::string AllCharts(const report::Report& report) {
  Exhibits exhibits = LoadCharts(report);
  for (const auto& more : {OperationCharts(report), TimelineCharts(report)}) {
    exhibits.insert(exhibits.end(), more.begin(), more.end());
  }
  return Charts(exhibits);
}

std::string Variants(const report::Report& report) {
  if (report.variants().empty()) return "";
  std::string html =
      Titled("Before and after, " + ComparedAt(report), VariantGrid(report)) +
      Titled("By operation, " + ComparedAt(report),
             VariantOperationGrid(report)) +
      Charts(VariantCharts(report));
  for (const report::Variant& variant : report.variants()) {
    const std::string flags =
        variant.flags().empty()
            ? ""
            : fmt::format("<p><code>{}</code></p>\n", Escape(variant.flags()));
    html += Folded("Steps of " + variant.name(),
                   flags + StepTables(variant.steps()));
  }
  return html;
}

std::string HowMeasured(const report::Report& report) {
  std::string html = Titled("Environment", EnvironmentGrid(report)) +
                     Titled("Load", ConfigGrid(report)) +
                     Titled("Data", RowsGrid(report));
  if (!report.config().arguments().empty()) {
    html +=
        fmt::format("<h3>To repeat it</h3>\n<p><code>pinhole {}</code></p>\n",
                    Escape(report.config().arguments()));
  }
  return html;
}

// Inside a script element HTML knows no escapes, so JSON's are used: nothing in
// it may look like the end of the element, nor like markup to a parser of XML.
std::string Data(const report::Report& report) {
  std::string data;
  for (const char c : ReportToJson(report, JsonForm::kCompact)) {
    switch (c) {
      case '<':
        data += "\\u003c";
        break;
      case '>':
        data += "\\u003e";
        break;
      case '&':
        data += "\\u0026";
        break;
      default:
        data += c;
    }
  }
  return "<script type=\"application/json\" id=\"report\">" + data +
         "</script>\n";
}

std::string Body(const report::Report& report) {
  return Header(report) + "<main>\n" +
         Section("Steps", StepTables(report.steps())) +
         Section("What bound it", Findings(report) + Remarks(report)) +
         Section("What each improvement buys", Variants(report)) +
         Section("Thresholds", GridToHtml(ThresholdGrid(report))) +
         Section("Charts", AllCharts(report)) +
         Section("Operations", OperationTables(report)) +
         Section("Errors", Errors(report)) +
         Section("How it was measured", HowMeasured(report)) + "</main>\n";
}

}  // namespace

std::string ReportToHtml(const report::Report& report) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
      "<meta charset=\"utf-8\"/>\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"{}\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\"/>\n"
      "<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n{}{}</body>\n"
      "</html>\n",
      kPolicy, Escape(TitleOf(report)), PageStyle(), Body(report),
      Data(report));
}

}  // namespace pinhole::lab
