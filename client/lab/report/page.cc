// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/page.h"

#include <cstddef>
#include <map>

#include "base/utf8.h"
#include "client/lab/report/document.h"
#include "client/lab/report/escaping.h"
#include "client/lab/report/report_document.h"
#include "client/lab/report/report_file.h"

namespace pinhole::lab {

std::string ReportToHtml(const report::Report& report) {
  const Document document = DocumentOf(report);
  const std::map<std::string_view, std::string> values = {
      {"title", EscapeMarkup(Escape(document.title))},
      {"uplot.css", std::string(UplotCss())},
      {"uplot.js", std::string(UplotJs())},
      {"page.js", std::string(PageJs())},
      {"report", EscapeScript(ReportToJson(report, JsonForm::kCompact))},
      {"tables", DocumentToJson(document)},
      {"text", EscapeMarkup(DocumentToText(document))}};
  std::string page;
  // One pass, so that a placeholder within a value is only text.
  for (std::string_view rest = PageHtml(); !rest.empty();) {
    const std::size_t begin = rest.find("{{");
    page += rest.substr(0, begin);
    if (begin == std::string_view::npos) break;
    const std::size_t end = rest.find("}}", begin);
    page += values.at(rest.substr(begin + 2, end - begin - 2));
    rest.remove_prefix(end + 2);
  }
  return page;
}

}  // namespace pinhole::lab
