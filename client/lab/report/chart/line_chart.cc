// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/chart/line_chart.h"

#include <cmath>
#include <cstddef>

#include "client/lab/report/chart/legend.h"
#include "fmt/format.h"

namespace pinhole::lab::chart {
namespace {

constexpr double kPlotHeight = 210;
constexpr double kLeft = 48;
constexpr double kRight = 16;

bool HasLine(const Series& series) {
  return series.style != Series::Style::kPoints;
}

bool HasPoints(const Series& series) {
  return series.style == Series::Style::kPoints ||
         series.style == Series::Style::kLineAndPoints;
}

// A different shape for each colour.
std::string Marker(double x, double y, const std::string& colour, bool hollow) {
  const std::string css = fmt::format("class=\"mark {}{}\"", Escape(colour),
                                      hollow ? " hollow" : "");
  const char last = colour.empty() ? '1' : colour.back();
  switch ((last - '1') % 4) {
    case 1:
      return fmt::format(
          "<rect x=\"{}\" y=\"{}\" width=\"7\" height=\"7\" {}/>\n",
          At(x - 3.5), At(y - 3.5), css);
    case 2:
      return fmt::format("<path d=\"M{} {}l4.4 8h-8.8z\" {}/>\n", At(x),
                         At(y - 4.8), css);
    case 3:
      return fmt::format(
          "<path d=\"M{} {}l4.8 4.8l-4.8 4.8l-4.8 -4.8z\" {}/>\n", At(x),
          At(y - 4.8), css);
    default:
      return fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"3.8\" {}/>\n", At(x),
                         At(y), css);
  }
}

std::string LineClass(const Series& series) {
  return fmt::format("line {}{}", Escape(series.colour),
                     series.style == Series::Style::kDashes ? " dashes" : "");
}

std::vector<Key> Keys(const LineChart& chart) {
  std::vector<Key> keys;
  for (const Series& series : chart.series) {
    std::string sample;
    if (HasLine(series)) sample += Line(-10, 0, 10, 0, LineClass(series));
    if (HasPoints(series)) sample += Marker(0, 0, series.colour, false);
    keys.push_back({series.name, sample});
  }
  return keys;
}

// The part of the drawing that data is drawn in.
class Plot {
 public:
  Plot(const LineChart& chart, double top) : chart_(chart), top_(top) {}

  std::string Bands() const {
    std::string markup;
    bool odd = false;
    for (const Band& band : chart_.bands) {
      const double from = X(band.from);
      const double width = X(band.to) - from;
      if (odd) markup += Rect(from, top_, width, kPlotHeight, "band");
      odd = !odd;
      if (TextWidth(band.name) < width) {
        markup += Text(from + width / 2, top_ + 12, Anchor::kMiddle, band.name,
                       "quiet");
      }
    }
    return markup;
  }

  std::string Axes() const {
    std::string markup;
    for (const Tick& tick : chart_.y.ticks()) {
      markup += Line(kLeft, Y(tick.value), kWidth - kRight, Y(tick.value),
                     tick.value == 0 ? "axis" : "rule");
      markup +=
          Text(kLeft - 6, Y(tick.value) + 4, Anchor::kEnd, tick.text, "quiet");
    }
    for (const Tick& tick : chart_.x.ticks()) {
      markup +=
          Line(X(tick.value), Bottom(), X(tick.value), Bottom() + 4, "axis");
      markup += Text(X(tick.value), Bottom() + 17, Anchor::kMiddle, tick.text,
                     "quiet");
    }
    markup += Line(kLeft, Bottom(), kWidth - kRight, Bottom(), "axis");
    markup += Text(kLeft - 40, top_ - 10, Anchor::kStart, chart_.y_title);
    markup +=
        Text(kWidth - kRight, Bottom() + 34, Anchor::kEnd, chart_.x_title);
    return markup;
  }

  std::string Levels() const {
    std::string markup;
    for (const Level& level : chart_.levels) {
      markup += Line(kLeft, Y(level.y), kWidth - kRight, Y(level.y), "limit");
      // Below the line if it is at the top, where there is no room above.
      const double text = Y(level.y) < top_ + 14 ? 13 : -5;
      markup += Text(kLeft + 4, Y(level.y) + text, Anchor::kStart, level.name,
                     "limit-name");
    }
    return markup;
  }

  std::string Draw(const Series& series) const {
    return (HasLine(series) ? Path(series) : "") +
           (HasPoints(series) ? Markers(series) : "");
  }

  double Bottom() const { return top_ + kPlotHeight; }

 private:
  double X(double value) const {
    return kLeft + chart_.x.Place(value) * (kWidth - kLeft - kRight);
  }
  double Y(double value) const {
    return Bottom() - chart_.y.Place(value) * kPlotHeight;
  }

  std::string Path(const Series& series) const {
    std::string path;
    bool gap = true;
    for (const Point& point : series.points) {
      if (std::isfinite(point.y)) {
        path += fmt::format("{}{} {}", gap ? "M" : "L", At(X(point.x)),
                            At(Y(point.y)));
      }
      gap = !std::isfinite(point.y);
    }
    if (path.empty()) return "";
    return fmt::format("<path d=\"{}\" class=\"{}\"/>\n", path,
                       LineClass(series));
  }

  std::string Markers(const Series& series) const {
    std::string markup;
    for (const Point& point : series.points) {
      if (!std::isfinite(point.y)) continue;
      markup += Marker(X(point.x), Y(point.y), series.colour, point.hollow);
    }
    return markup;
  }

  const LineChart& chart_;
  const double top_;
};

}  // namespace

std::string Draw(const LineChart& chart) {
  const Legend legend = DrawLegend(Keys(chart));
  const Plot plot(chart, legend.height + 24);
  std::string markup = legend.markup + plot.Bands() + plot.Axes();
  for (const Series& series : chart.series) markup += plot.Draw(series);
  markup += plot.Levels();
  return Drawing(chart.label, kWidth, plot.Bottom() + 42, markup);
}

}  // namespace pinhole::lab::chart
