// SPDX-License-Identifier: Apache-2.0

// Whether a step kept the service level, and if not, why.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "client/lab/core/figures.h"

namespace pinhole::lab {

// The service level.  Both figures must stay below these bounds.
struct Slo {
  absl::Duration p99 = absl::Milliseconds(100);  // Response time.
  double failure_share = 0.01;
};

// With at least this many samples, ten of them beyond the p99, its estimate is
// judged instead of its confidence interval.
inline constexpr std::int64_t kSamplesForP99 = 1000;

enum class Cause { kLatency, kErrors, kThroughput, kBacklog };

// "latency", "errors", ...
std::string_view NameOf(Cause cause);

struct Reason {
  Cause cause = Cause::kLatency;
  std::string text = {};  // With the figure and the limit.
};

struct Verdict {
  bool passed = false;  // `reasons` is empty.
  std::vector<Reason> reasons = {};
  // The lab could not keep up, so a failure says nothing about the server.
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
//   below the limit; a single failure is always accepted.
// - throughput: an open loop achieved 98 % of what was offered, or all but
//   three operations.
// - backlog: in an open loop, the calls in flight at the end are at most 1.5
//   times those at half time plus the larger of four and what arrives in half
//   the limit (offered * limit / 2): the queue of a server that keeps up varies
//   by as much.
// The generator limited the step if send lag p99 is over 5 ms and over 5 % of
// the limit, or one of its threads used over 80 % of a core.
Verdict Judge(const StepFigures& figures, const Slo& slo);

// Whether a running step is worth ending: over 20 % of what ended so far failed
// (from 50 on), or more calls are in flight than ten times what the limit
// allows at `rate`, and more than 50.  Such an open loop only measures its own
// queue.
struct Progress {
  std::int64_t ended = 0;
  std::int64_t failed = 0;
  std::int64_t in_flight = 0;
  double rate = 0;  // 0 in a closed loop.
};
bool Hopeless(const Progress& progress, const Slo& slo);

}  // namespace pinhole::lab
