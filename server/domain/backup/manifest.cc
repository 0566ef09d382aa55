// SPDX-License-Identifier: Apache-2.0

#include "server/domain/backup/manifest.h"

#include <map>
#include <sstream>

#include "absl/strings/numbers.h"
#include "base/status_macros.h"
#include "fmt/format.h"

namespace pinhole::domain {
namespace {

constexpr char kFormat[] = "pinhole-backup";
constexpr int kFormatVersion = 1;

using Lines = std::map<std::string, std::string>;

absl::Status Damaged(std::string_view what) {
  return absl::DataLossError(
      fmt::format("the backup's MANIFEST is damaged: {}", what));
}

absl::StatusOr<std::string> Take(const Lines& lines, const char* name) {
  const auto found = lines.find(name);
  if (found == lines.end() || found->second.empty()) {
    return Damaged(fmt::format("{} is missing", name));
  }
  return found->second;
}

absl::StatusOr<std::int64_t> TakeNumber(const Lines& lines, const char* name) {
  ASSIGN_OR_RETURN(const std::string text, Take(lines, name));
  std::int64_t number = 0;
  if (!absl::SimpleAtoi(text, &number) || number < 0) {
    return Damaged(fmt::format("{} is not a number", name));
  }
  return number;
}

absl::StatusOr<absl::Time> TakeTime(const Lines& lines, const char* name) {
  ASSIGN_OR_RETURN(const std::string text, Take(lines, name));
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    return Damaged(fmt::format("{} is not a time", name));
  }
  return time;
}

Lines Split(std::string_view text) {
  Lines lines;
  std::istringstream in{std::string(text)};
  for (std::string line; std::getline(in, line);) {
    const std::size_t blank = line.find(' ');
    if (blank == std::string::npos) continue;
    lines[line.substr(0, blank)] = line.substr(blank + 1);
  }
  return lines;
}

}  // namespace

std::string FormatManifest(const Manifest& manifest) {
  return fmt::format(
      "{} {}\nversion {}\nschema_version {}\ncreate_time {}\nusers {}\n"
      "photos {}\nphoto_bytes {}\ndatabase_bytes {}\ndatabase_sha256 {}\n",
      kFormat, kFormatVersion, manifest.version, manifest.schema_version,
      absl::FormatTime(absl::RFC3339_full, manifest.create_time,
                       absl::UTCTimeZone()),
      manifest.users, manifest.photos, manifest.photo_bytes,
      manifest.database_bytes, manifest.database_sha256);
}

absl::StatusOr<Manifest> ParseManifest(std::string_view text) {
  const Lines lines = Split(text);
  ASSIGN_OR_RETURN(const std::int64_t format, TakeNumber(lines, kFormat));
  if (format > kFormatVersion) {
    return absl::FailedPreconditionError(
        "the backup was made by a newer Pinhole; use that version or newer");
  }
  Manifest manifest;
  ASSIGN_OR_RETURN(manifest.version, Take(lines, "version"));
  ASSIGN_OR_RETURN(const std::int64_t schema,
                   TakeNumber(lines, "schema_version"));
  manifest.schema_version = static_cast<int>(schema);
  ASSIGN_OR_RETURN(manifest.create_time, TakeTime(lines, "create_time"));
  ASSIGN_OR_RETURN(manifest.users, TakeNumber(lines, "users"));
  ASSIGN_OR_RETURN(manifest.photos, TakeNumber(lines, "photos"));
  ASSIGN_OR_RETURN(manifest.photo_bytes, TakeNumber(lines, "photo_bytes"));
  ASSIGN_OR_RETURN(manifest.database_bytes,
                   TakeNumber(lines, "database_bytes"));
  ASSIGN_OR_RETURN(manifest.database_sha256, Take(lines, "database_sha256"));
  // The last field: a manifest truncated within it has fewer digits.
  if (manifest.database_sha256.size() != 64) return Damaged("database_sha256");
  return manifest;
}

}  // namespace pinhole::domain
