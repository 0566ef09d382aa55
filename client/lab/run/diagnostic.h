// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "client/lab/load/target.h"

namespace pinhole::lab {

// The result of one check.
struct Check {
  enum class Result { kOk, kWarn, kFail };

  std::string name;  // "feed"
  Result result = Result::kOk;
  std::string figure;        // "p50 1.2 ms of 20"
  std::string hint;          // What to do; empty if all is well.
  bool unreachable = false;  // It failed because the server did not answer.
};

// "OK", "WARN", "FAIL".
std::string NameOf(Check::Result result);

// Checks a server without load, in a few seconds: whether it is reachable and
// healthy, what it reports about its database and its machine, whether a user
// can perform every operation, and how long each operation and a small commit
// take.  Creates one user and deletes it with everything it did, also if `stop`
// is set midway.  `metrics` is as in LabOptions.
std::vector<Check> Diagnose(const Target& target, const std::string& metrics,
                            const std::atomic<bool>& stop);

// Text for people: a line for each check and a summary.
std::string ChecksText(const std::vector<Check>& checks);
// The same as JSON.
std::string ChecksJson(const std::vector<Check>& checks);

}  // namespace pinhole::lab
