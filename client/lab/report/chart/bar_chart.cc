// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/chart/bar_chart.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "client/lab/report/chart/axis.h"
#include "client/lab/report/chart/legend.h"
#include "fmt/format.h"

namespace pinhole::lab::chart {
namespace {

constexpr double kMostNameWidth = 170;
constexpr double kBar = 12;
constexpr double kStackedBar = 18;
constexpr double kGap = 10;

bool IsStacked(const BarChart& chart) {
  return chart.form == BarChart::Form::kStacked;
}

double Size(double value) {
  return std::isfinite(value) ? std::max(value, 0.0) : 0;
}

double Sum(const Bars& bars) {
  double sum = 0;
  for (const double value : bars.values) sum += Size(value);
  return sum;
}

double Longest(const BarChart& chart) {
  double longest = 0;
  for (const Bars& bars : chart.bars) {
    if (IsStacked(chart)) longest = std::max(longest, Sum(bars));
    for (const double value : bars.values) {
      longest = std::max(longest, Size(value));
    }
  }
  return longest;
}

double NameWidth(const BarChart& chart) {
  double width = 40;
  for (const Bars& bars : chart.bars) {
    width = std::max(width, TextWidth(bars.name));
  }
  return std::min(width, kMostNameWidth) + 10;
}

// Room for the figure behind the longest bar.
double TextRoom(const BarChart& chart) {
  double width = 0;
  for (const Bars& bars : chart.bars) {
    for (const std::string& text : bars.texts) {
      width = std::max(width, TextWidth(text));
    }
  }
  return width + 10;
}

std::string Shortened(const std::string& name) {
  const auto most = static_cast<std::size_t>(kMostNameWidth / kLetter);
  return name.size() > most ? name.substr(0, most - 3) + "..." : name;
}

class Plot {
 public:
  Plot(const BarChart& chart, double top)
      : chart_(chart),
        top_(top),
        left_(NameWidth(chart)),
        right_(kWidth - TextRoom(chart)),
        axis_(Axis::Linear(Longest(chart), 4)) {}

  std::string Axes() const {
    std::string markup;
    for (const Tick& tick : axis_.ticks()) {
      const double x = X(tick.value);
      markup += Line(x, top_, x, Bottom(), tick.value == 0 ? "axis" : "rule");
      markup += Text(x, Bottom() + 16, Anchor::kMiddle, tick.text, "quiet");
    }
    markup += Text(right_, Bottom() + 33, Anchor::kEnd, chart_.axis_title);
    return markup;
  }

  std::string Draw() const {
    std::string markup;
    double y = top_ + kGap / 2;
    for (const Bars& bars : chart_.bars) {
      markup += Text(left_ - 8, y + Height() / 2 + 4, Anchor::kEnd,
                     Shortened(bars.name));
      markup += IsStacked(chart_) ? DrawStacked(bars, y) : DrawBeside(bars, y);
      y += Height() + kGap;
    }
    return markup;
  }

  double Bottom() const {
    return top_ + (Height() + kGap) * static_cast<double>(chart_.bars.size());
  }

 private:
  double X(double value) const {
    return left_ + axis_.Place(value) * (right_ - left_);
  }

  double Height() const {
    return IsStacked(chart_) ? kStackedBar
                             : kBar * static_cast<double>(chart_.kinds.size());
  }

  std::string DrawBeside(const Bars& bars, double y) const {
    std::string markup;
    for (std::size_t i = 0; i < chart_.kinds.size(); ++i, y += kBar) {
      const double end = X(Size(bars.values[i]));
      markup += Rect(left_, y + 1, end - left_, kBar - 2,
                     "fill " + Escape(chart_.kinds[i].colour));
      markup +=
          Text(end + 5, y + kBar - 1.5, Anchor::kStart, bars.texts[i], "small");
    }
    return markup;
  }

  std::string DrawStacked(const Bars& bars, double y) const {
    std::string markup;
    double sum = 0;
    for (std::size_t i = 0; i < chart_.kinds.size(); ++i) {
      const double from = X(sum);
      sum += Size(bars.values[i]);
      if (X(sum) - from < 0.05) continue;  // Not to be seen.
      markup += Rect(from, y, X(sum) - from, kStackedBar,
                     "fill " + Escape(chart_.kinds[i].colour));
    }
    return markup + Text(X(sum) + 5, y + kStackedBar / 2 + 4, Anchor::kStart,
                         bars.texts.front(), "small");
  }

  const BarChart& chart_;
  const double top_;
  const double left_;
  const double right_;
  const Axis axis_;
};

}  // namespace

std::string Draw(const BarChart& chart) {
  std::vector<Key> keys;
  for (const BarChart::Kind& kind : chart.kinds) {
    keys.push_back(
        {kind.name, Rect(-7, -6, 14, 12, "fill " + Escape(kind.colour))});
  }
  const Legend legend = keys.size() > 1 ? DrawLegend(keys) : Legend{"", 0};
  const Plot plot(chart, legend.height + 4);
  return Drawing(chart.label, kWidth, plot.Bottom() + 40,
                 legend.markup + plot.Axes() + plot.Draw());
}

}  // namespace pinhole::lab::chart
