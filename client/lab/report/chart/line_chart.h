// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_LAB_REPORT_CHART_LINE_CHART_H_
#define PINHOLE_CLIENT_LAB_REPORT_CHART_LINE_CHART_H_

#include <string>
#include <vector>

#include "client/lab/report/chart/axis.h"
#include "client/lab/report/chart/markup.h"

namespace pinhole::lab::chart {

struct Point {
  double x = 0;
  double y = 0;  // Not a number: the line has a gap here.
  bool hollow = false;
};

struct Series {
  enum class Style { kPoints, kLine, kDashes, kLineAndPoints };

  std::string name;  // For the legend.
  // The class of its colour, and a shape for its points: colours alone are not
  // for everyone.
  std::string colour;
  Style style = Style::kLine;
  std::vector<Point> points;
};

// A line right across, such as a limit.
struct Level {
  double y = 0;
  std::string name;
};

// A part of the x axis that belongs together.
struct Band {
  double from = 0;
  double to = 0;
  std::string name;
};

struct LineChart {
  Label label;
  Axis x;
  Axis y;
  std::string x_title;
  std::string y_title;
  std::vector<Series> series;
  std::vector<Level> levels = {};
  std::vector<Band> bands = {};
};

std::string Draw(const LineChart& chart);

}  // namespace pinhole::lab::chart

#endif  // PINHOLE_CLIENT_LAB_REPORT_CHART_LINE_CHART_H_
