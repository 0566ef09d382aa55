// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/exhibit.h"

#include "client/lab/report/chart/markup.h"
#include "fmt/format.h"

namespace pinhole::lab {

std::string ExhibitToHtml(const Exhibit& exhibit) {
  std::string html = fmt::format(
      "<figure{}>\n<figcaption><h3>{}</h3><p>{}</p></figcaption>\n{}",
      exhibit.wide ? " class=\"wide\"" : "", chart::Escape(exhibit.title),
      chart::Escape(exhibit.says), exhibit.drawings);
  if (!exhibit.numbers.empty()) {
    html +=
        fmt::format("<details><summary>The numbers</summary>\n{}</details>\n",
                    GridToHtml(exhibit.numbers));
  }
  return html + "</figure>\n";
}

}  // namespace pinhole::lab
