// SPDX-License-Identifier: Apache-2.0

// The parts that a call's time is divided into by the server, for people.

#ifndef PINHOLE_CLIENT_LAB_REPORT_TIME_PARTS_H_
#define PINHOLE_CLIENT_LAB_REPORT_TIME_PARTS_H_

#include <string>
#include <vector>

#include "client/lab/report/report.pb.h"

namespace pinhole::lab {

struct TimePart {
  std::string name;   // As in `TimeSpent.part_ms`.
  std::string title;  // "waiting to hash"
  std::string colour;
};

// Those that occur, in the order in which a call passes them; such as this
// program does not know last.
std::vector<TimePart> TimePartsOf(const report::Resources& resources);

double MsIn(const report::TimeSpent& spent, const TimePart& part);

// Whether the server's metrics were read for this step.
bool HasMetrics(const report::Step& step);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_REPORT_TIME_PARTS_H_
