// SPDX-License-Identifier: Apache-2.0

// What a run found, and how and where it was measured, in words.

#pragma once

#include <string>
#include <vector>

#include "client/lab/report/document.h"
#include "client/lab/report/report.pb.h"

namespace pinhole::lab {

// "Breaking point of http://localhost:8080, profile newcomer"
std::string TitleOf(const report::Report& report);

// The limits, what broke first, the bottleneck and the advice.
std::vector<Item> ResultItems(const report::Report& report);

// Reasons to trust the figures less.
std::vector<Item> WarningItems(const report::Report& report);

// What the server's metrics say about the limit, and what the overload did.
std::vector<Item> FindingItems(const report::Report& report);

// How and where the run was measured.
std::vector<Item> EnvironmentItems(const report::Report& report);
std::vector<Item> ConfigItems(const report::Report& report);

// The resource a finding is about: "write lock" for `write_lock`.
std::string ResourceName(const std::string& finding_id);

// "412 ops/s", "at least 412 ops/s", "none"; an en dash if there was no search.
std::string LimitText(const report::Limit& limit, const std::string& unit);

// "12.9x", the ratio of two limits; empty unless both searches found one.
std::string RatioText(const report::Limit& before, const report::Limit& after);

}  // namespace pinhole::lab
