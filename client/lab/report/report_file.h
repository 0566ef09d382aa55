// SPDX-License-Identifier: Apache-2.0

// Reports as files: the protobuf JSON form of `report::Report`.

#ifndef PINHOLE_CLIENT_LAB_REPORT_REPORT_FILE_H_
#define PINHOLE_CLIENT_LAB_REPORT_REPORT_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/lab/report/report.pb.h"

namespace pinhole::lab {

inline constexpr char kReportSchema[] = "pinhole.lab/1";

enum class JsonForm { kReadable, kCompact };

// Equal reports give equal text.  Whatever the report says, its `schema` is
// written as kReportSchema.
std::string ReportToJson(const report::Report& report,
                         JsonForm form = JsonForm::kReadable);

// `name` is what errors call the text.  Fields that this program does not know
// are ignored: a newer one wrote them.
// Errors: INVALID_ARGUMENT (not JSON, not a report, or of another schema).
absl::StatusOr<report::Report> ReportFromJson(const std::string& json,
                                              const std::string& name);

// Errors: those of ReportFromJson; NOT_FOUND, PERMISSION_DENIED, UNAVAILABLE
// (the file cannot be read).
absl::StatusOr<report::Report> ReadReport(const std::string& path);

// Writes a report, or what was made of it, in one move: a reader never meets
// half a file, and what stood there before stays if this fails.  "-" is
// standard output; what is not a regular file, such as a pipe, is written
// straight.
// Errors: PERMISSION_DENIED, NOT_FOUND (no such folder), UNAVAILABLE.
absl::Status WriteReportFile(const std::string& text, const std::string& path);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_REPORT_REPORT_FILE_H_
