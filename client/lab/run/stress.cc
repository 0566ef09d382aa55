// SPDX-License-Identifier: Apache-2.0

#include "client/lab/run/stress.h"

#include <algorithm>

#include "client/lab/run/conclusions.h"

namespace pinhole::lab {

void Stress(const Ladder& ladder, Lab& lab) {
  const absl::Duration measure = lab.options().measure;
  for (const int users : ladder.users) {
    if (lab.stopped()) break;
    lab.Run({.purpose = "ladder", .users = users, .measure = measure});
  }
  for (const double rate : ladder.rates) {
    if (lab.stopped()) break;
    lab.Run({.purpose = "ladder", .rate = rate, .measure = measure});
  }
  // The last step has the highest load.  A step that was cut short is skipped.
  const auto& steps = lab.report().steps();
  const auto last =
      std::find_if(steps.rbegin(), steps.rend(),
                   [](const report::Step& step) { return !step.cut_short(); });
  if (last != steps.rend()) AddFindings(*last, lab.report());
}

}  // namespace pinhole::lab
