// SPDX-License-Identifier: Apache-2.0

// The tutorial's comparison of its two stages, SQLite and PostgreSQL, with the
// figures of two runs beside it.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/lab/report/report.pb.h"

namespace pinhole::lab {

// The shortest and the longest p50 of the operations that write.
struct WriteTimes {
  double low_ms = 0;
  double high_ms = 0;
};

// The figures of the step with the most concurrent users that kept the service
// level.  If none did: of the step with the fewest users.
struct Stage {
  std::string name;        // Of the report: its file.
  bool passed = false;     // Whether the step kept the service level.
  double users = 0;        // Concurrent users.
  double rate = 0;         // Operations a second that succeeded.
  double failures = 0;     // Share of the calls that failed, 0 to 1.
  double p99_ms = 0;       // Response time of all operations.
  double connections = 0;  // Of the lab to its targets.
  // Of likes, follows and comments; nothing if the load had none of them.
  std::optional<WriteTimes> writes = {};
};

// A promise of the tutorial for PostgreSQL, and whether the run kept it.
struct Promise {
  std::string figure;  // "concurrent users"
  bool kept = false;
};

struct Stages {
  std::vector<std::string> unlike;  // Why the runs cannot be compared.
  // Remarks about the figures, as sentences.
  std::vector<std::string> notes;
  Stage sqlite;
  Stage postgres;
  std::vector<Promise> promises;  // Five, in the order of the table.
};

// A report and the name by which errors call it: its file.
struct NamedReport {
  std::string name;
  report::Report report;
};

// Errors: INVALID_ARGUMENT (a report describes another store, or none of its
// steps with concurrent users was completed at the load that was planned).
absl::StatusOr<Stages> CompareStages(const NamedReport& sqlite,
                                     const NamedReport& postgres);

// A table of five rows, and lines on the steps that its figures come from.
std::string StagesText(const Stages& stages);
// The figures as JSON.
std::string StagesJson(const Stages& stages);

}  // namespace pinhole::lab
