// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_LAB_REPORT_EXHIBIT_H_
#define PINHOLE_CLIENT_LAB_REPORT_EXHIBIT_H_

#include <string>
#include <vector>

#include "client/lab/report/grid.h"

namespace pinhole::lab {

// A chart with what it shows in words and its numbers as a table.
struct Exhibit {
  std::string title;
  std::string says;      // One sentence.
  std::string drawings;  // Markup.
  Grid numbers;
  // Needs the page's whole width.
  bool wide = false;
};

using Exhibits = std::vector<Exhibit>;

std::string ExhibitToHtml(const Exhibit& exhibit);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_REPORT_EXHIBIT_H_
