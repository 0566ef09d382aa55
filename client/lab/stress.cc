// SPDX-License-Identifier: Apache-2.0

#include "client/lab/stress.h"

#include "client/lab/conclusions.h"

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
  AddKnee(lab.report());
  AddUsl(lab.report());
  if (lab.report().steps_size() > 0) {
    // The heaviest load says most about what bounds it.
    AddFindings(lab.report().steps(lab.report().steps_size() - 1),
                lab.report());
  }
}

}  // namespace pinhole::lab
