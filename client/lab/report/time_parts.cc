// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/time_parts.h"

#include <algorithm>
#include <set>

namespace pinhole::lab {
namespace {

// server/base/call_timing.h.  Waiting for something has the paler shade of its
// colour.
const std::vector<TimePart>& KnownParts() {
  static const auto* const kParts = new std::vector<TimePart>{
      {"admission", "admission", "p-admission"},
      {"hash_wait", "waiting to hash", "p-hash-wait"},
      {"hash", "hashing", "p-hash"},
      {"write_wait", "waiting to write", "p-write-wait"},
      {"write", "writing", "p-write"},
      {"commit", "committing", "p-commit"},
      {"fsync", "syncing to disk", "p-fsync"},
      {"query", "queries", "p-query"},
      {"media", "pictures", "p-media"},
      {"rest", "rest", "p-rest"}};
  return *kParts;
}

}  // namespace

std::vector<TimePart> TimePartsOf(const report::Resources& resources) {
  std::set<std::string> names;
  for (const report::TimeSpent& spent : resources.time_spent()) {
    for (const auto& [name, ms] : spent.part_ms()) {
      if (ms > 0) names.insert(name);
    }
  }
  std::vector<TimePart> parts;
  for (const TimePart& part : KnownParts()) {
    if (names.erase(part.name) > 0) parts.push_back(part);
  }
  for (const std::string& name : names) {
    parts.push_back({name, name, "p-other"});
  }
  return parts;
}

double MsIn(const report::TimeSpent& spent, const TimePart& part) {
  const auto found = spent.part_ms().find(part.name);
  return found == spent.part_ms().end() ? 0 : found->second;
}

bool HasMetrics(const report::Step& step) {
  return step.has_resources() && step.resources().error().empty();
}

}  // namespace pinhole::lab
