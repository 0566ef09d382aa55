// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_LAB_REPORT_CHART_BAR_CHART_H_
#define PINHOLE_CLIENT_LAB_REPORT_CHART_BAR_CHART_H_

#include <string>
#include <vector>

#include "client/lab/report/chart/markup.h"

namespace pinhole::lab::chart {

struct Bars {
  std::string name;
  std::vector<double> values;      // As many as there are kinds.
  std::vector<std::string> texts;  // One for each bar that is drawn.
};

struct BarChart {
  enum class Form { kBeside, kStacked };  // The bars of one name.

  struct Kind {
    std::string name;
    std::string colour;  // Its class.
  };

  Label label;
  Form form = Form::kBeside;
  std::vector<Kind> kinds;
  std::vector<Bars> bars;
  std::string axis_title;
};

// Bars lie, so that names have room.
std::string Draw(const BarChart& chart);

}  // namespace pinhole::lab::chart

#endif  // PINHOLE_CLIENT_LAB_REPORT_CHART_BAR_CHART_H_
