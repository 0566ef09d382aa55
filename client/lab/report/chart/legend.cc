// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/chart/legend.h"

#include <algorithm>

#include "client/lab/report/chart/markup.h"
#include "fmt/format.h"

namespace pinhole::lab::chart {

double TextWidth(const std::string& text) {
  const auto letters = std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0) != 0x80;
  });
  return kLetter * static_cast<double>(letters);
}

Legend DrawLegend(const std::vector<Key>& keys) {
  Legend legend;
  double x = 4;
  double y = kRowHeight / 2;
  for (const Key& key : keys) {
    const double width = 28 + TextWidth(key.name) + 14;
    if (x > 4 && x + width > kWidth) {
      x = 4;
      y += kRowHeight;
    }
    legend.markup += fmt::format("<g transform=\"translate({} {})\">{}</g>\n",
                                 At(x + 10), At(y), key.sample);
    legend.markup += Text(x + 26, y + 4, Anchor::kStart, key.name);
    x += width;
  }
  legend.height = keys.empty() ? 0 : y + kRowHeight / 2 + 4;
  return legend;
}

}  // namespace pinhole::lab::chart
