// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_LAB_RUN_FINDINGS_H_
#define PINHOLE_CLIENT_LAB_RUN_FINDINGS_H_

#include <vector>

#include "client/lab/report/report.pb.h"

namespace pinhole::lab {

// What the server's own figures say about `step`, a step at or just beyond the
// limit: which resource was used up, and what helps; the gravest first.  `cpus`
// are those of the server's machine; `own_cores` of them the lab itself used.
std::vector<report::Finding> FindingsOf(const report::Step& step, double cpus,
                                        double own_cores);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_RUN_FINDINGS_H_
