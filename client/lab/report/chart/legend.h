// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_LAB_REPORT_CHART_LEGEND_H_
#define PINHOLE_CLIENT_LAB_REPORT_CHART_LEGEND_H_

#include <string>
#include <vector>

namespace pinhole::lab::chart {

// All charts are this wide, in units of which a letter takes about kLetter.
// Narrow, so that letters stay legible where a phone shrinks the drawing.
inline constexpr double kWidth = 500;
inline constexpr double kLetter = 6.6;
inline constexpr double kRowHeight = 18;

double TextWidth(const std::string& text);

// What a colour stands for.
struct Key {
  std::string name;
  std::string sample;  // Markup, about the origin, 20 wide.
};

struct Legend {
  std::string markup;
  double height = 0;
};

// From the top of the drawing, in as many rows as it takes.
Legend DrawLegend(const std::vector<Key>& keys);

}  // namespace pinhole::lab::chart

#endif  // PINHOLE_CLIENT_LAB_REPORT_CHART_LEGEND_H_
