// SPDX-License-Identifier: Apache-2.0

// Reports as files: the protobuf JSON form of `report::Report`.

#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/lab/report/report.pb.h"

namespace pinhole::lab {

inline constexpr char kReportSchema[] = "pinhole.lab/1";

enum class JsonForm { kReadable, kCompact };

// Equal reports give equal text.  `schema` is always written as kReportSchema.
std::string ReportToJson(const report::Report& report,
                         JsonForm form = JsonForm::kReadable);

// Errors call the text `name`.  Unknown fields, which newer or older versions
// wrote, are ignored.
// Errors: INVALID_ARGUMENT (not JSON, not a report, or of another schema).
absl::StatusOr<report::Report> ReportFromJson(const std::string& json,
                                              const std::string& name);

// Errors: those of ReportFromJson; NOT_FOUND, PERMISSION_DENIED, UNAVAILABLE
// (the file cannot be read).
absl::StatusOr<report::Report> ReadReport(const std::string& path);

// Writes one form of a report.  A regular file is replaced atomically, and an
// existing one stays as it is if writing fails; anything else, such as a pipe,
// is written to directly.
// Errors: PERMISSION_DENIED, NOT_FOUND (no such folder), UNAVAILABLE.
absl::Status WriteReportFile(const std::string& text, const std::string& path);

}  // namespace pinhole::lab
