// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <vector>

#include "client/lab/run/lab.h"

namespace pinhole::lab {

// A fixed series of loads: numbers of users, or rates in operations a second.
// Each lasts as long as the lab's options say.
struct Ladder {
  std::vector<int> users = {};
  std::vector<double> rates = {};
};

// Climbs it, and adds what follows from the steps: findings.  Ends
// early when the lab is stopped.
void Stress(const Ladder& ladder, Lab& lab);

}  // namespace pinhole::lab
