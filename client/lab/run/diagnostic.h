// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_LAB_RUN_DIAGNOSTIC_H_
#define PINHOLE_CLIENT_LAB_RUN_DIAGNOSTIC_H_

#include <atomic>
#include <string>
#include <vector>

#include "client/lab/load/target.h"

namespace pinhole::lab {

// One thing that was looked at.
struct Check {
  enum class Result { kOk, kWarn, kFail };

  std::string name;  // "feed"
  Result result = Result::kOk;
  std::string figure;        // "p50 1.2 ms of 20"
  std::string hint;          // What to do; empty if all is well.
  bool unreachable = false;  // It failed because nobody answers there.
};

// "OK", "WARN", "FAIL".
std::string NameOf(Check::Result result);

// Looks at a server without load, in a few seconds: whether it is there and
// well, what it says about its database and its machine, whether a user can do
// all that users do, and how long each operation and a small commit take.  What
// it makes is one user, deleted again with all that they did, also when `stop`
// is set midway.  `metrics` is as in LabOptions.
std::vector<Check> Diagnose(const Target& target, const std::string& metrics,
                            const std::atomic<bool>& stop);

// For people: a line for each, and a line that sums up.
std::string ChecksText(const std::vector<Check>& checks);
// The same as JSON.
std::string ChecksJson(const std::vector<Check>& checks);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_RUN_DIAGNOSTIC_H_
