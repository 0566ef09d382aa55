// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_LAB_REPORT_CHART_AXIS_H_
#define PINHOLE_CLIENT_LAB_REPORT_CHART_AXIS_H_

#include <string>
#include <vector>

namespace pinhole::lab::chart {

struct Tick {
  double value = 0;
  std::string text;
};

// From values to places along one side of a chart, with marks at round values.
class Axis {
 public:
  // From 0 to the round value at or above `most`, about `marks` apart.
  static Axis Linear(double most, int marks);
  // Like Linear, of things that are counted one by one.
  static Axis Whole(double most, int marks);
  // Powers of ten (and 2 and 5 times those, if there are few) around `least`
  // and `most`, which are more than 0.
  static Axis Log(double least, double most);
  // Shares below one, such as 0.999: as far as the share `most`, each nine as
  // long as the one before.
  static Axis Nines(double most);
  // From `least` to `most`, with exactly these marks.
  static Axis Marked(double least, double most, std::vector<Tick> ticks);

  // Where `value` is between the ends: 0 to 1, and no further.
  double Place(double value) const;

  const std::vector<Tick>& ticks() const { return ticks_; }

 private:
  enum class Scale { kLinear, kLog, kNines };

  Axis(Scale scale, double least, double most, std::vector<Tick> ticks);

  double Scaled(double value) const;

  Scale scale_;
  double least_;  // Scaled, as most_.
  double most_;
  std::vector<Tick> ticks_;
};

}  // namespace pinhole::lab::chart

#endif  // PINHOLE_CLIENT_LAB_REPORT_CHART_AXIS_H_
