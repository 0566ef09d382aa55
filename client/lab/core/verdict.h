// SPDX-License-Identifier: Apache-2.0

// Whether a step of load kept the service level, and what it broke.

#ifndef PINHOLE_CLIENT_LAB_CORE_VERDICT_H_
#define PINHOLE_CLIENT_LAB_CORE_VERDICT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "client/lab/core/figures.h"

namespace pinhole::lab {

// The service level: both must stay below.
struct Slo {
  absl::Duration p99 = absl::Milliseconds(100);  // Of the response.
  double failure_share = 0.01;
};

// Samples from which a p99 is judged by its estimate: ten beyond it.
inline constexpr std::int64_t kSamplesForP99 = 1000;

enum class Cause { kLatency, kErrors, kThroughput, kBacklog };

// "latency", "errors", ...
std::string_view NameOf(Cause cause);

struct Reason {
  Cause cause = Cause::kLatency;
  std::string text = {};  // With the figure and the limit.
};

struct Verdict {
  bool passed = false;  // There are no reasons against it.
  std::vector<Reason> reasons = {};
  // The lab could not keep up: if the step failed, that says nothing of the
  // server.
  bool generator_limited = false;
  std::vector<std::string> generator_reasons = {};
  // All operations together have kSamplesForP99 successes.
  bool enough_samples = false;
};

// A step passes if all of these hold:
// - latency: the p99 of all operations together, and of each with at least
//   kSamplesForP99 samples, is below the limit.  With fewer samples of all
//   together it fails only if the p99 is over with 95 % confidence.
// - errors: the share of failures of all together and of each operation is
//   below the limit, where one failure alone is never too many.
// - throughput: an open loop achieved 98 % of what was offered, or all but
//   three operations.
// - backlog: in an open loop, the calls in flight at the end are at most 1.5
//   times those at half time, and as many more as the server works off in half
//   the limit (offered * limit / 2), or four: the queue of a server that keeps
//   up varies that much.
// The generator limited the step if send lag p99 is over 5 ms and over 5 % of
// the limit, or one of its threads used over 80 % of a core.
Verdict Judge(const StepFigures& figures, const Slo& slo);

// Whether a running step is worth ending: over 20 % of what ended so far failed
// (from 50 on), or more calls are in flight than ten times what the limit
// allows at `rate` (and 50).  Beyond that an open loop measures its own queue.
struct Progress {
  std::int64_t ended = 0;
  std::int64_t failed = 0;
  std::int64_t in_flight = 0;
  double rate = 0;  // Of an open loop; 0 in a closed one.
};
bool Hopeless(const Progress& progress, const Slo& slo);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_CORE_VERDICT_H_
