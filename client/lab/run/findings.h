// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <vector>

#include "client/lab/report/report.pb.h"

namespace pinhole::lab {

// Share of a resource, or of the time, from which the resource counts as
// saturated.
inline constexpr double kSaturated = 0.9;

// Returns what the figures of `step` say about the resources of the server, the
// most important first.  `step` should be at or just beyond the limit.  `cpus`
// is the number of CPUs that the server can use, 0 if it is unknown;
// `own_cores` is how many of them the lab itself used.
//
// A finding has the severity `limit` only if its resource was saturated (at
// least kSaturated of it was used), if calls failed because of it, or if the
// lab could not keep up:
// - hashing: its threads used what the rest of the server and the lab left of
//   their cores;
// - cpu, other_programs: all cores of the machine, or all that the server may
//   use, were busy; it is `other_programs` if programs other than the server
//   and the lab, or the hypervisor, had a quarter of the machine or more;
// - write_lock, fsync, commit: a write transaction was open all the time.
// If nothing was saturated, the list has a finding `none` that says so.
std::vector<report::Finding> FindingsOf(const report::Step& step, double cpus,
                                        double own_cores);

}  // namespace pinhole::lab
