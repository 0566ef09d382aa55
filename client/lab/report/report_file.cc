// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/report_file.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <memory>

#include "fmt/format.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/type_resolver.h"
#include "google/protobuf/util/type_resolver_util.h"

namespace pinhole::lab {
namespace {

absl::Status FailedWithErrno(const std::string& path, const char* what) {
  const int error = errno;
  return absl::ErrnoToStatus(error, fmt::format("{} {}", path, what));
}

// MessageToJsonString() writes map entries in an order that changes from one
// process to the next; a deterministic binary message keeps equal reports
// equal.
std::string Binary(const report::Report& report) {
  std::string binary;
  google::protobuf::io::StringOutputStream stream(&binary);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  report.SerializeToCodedStream(&coded);
  coded.Trim();
  return binary;
}

// Why `json` is not a report that can be read.  A report of another schema may
// fail to parse, and must not be called malformed.
absl::Status Explain(const std::string& json, const std::string& name,
                     const std::string& error) {
  google::protobuf::Struct any;
  const auto parsed = google::protobuf::util::JsonStringToMessage(json, &any);
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(fmt::format("{} is not JSON", name));
  }
  const auto schema = any.fields().find("schema");
  if (schema == any.fields().end()) {
    return absl::InvalidArgumentError(
        fmt::format("{} is not a report of the lab: it has no schema", name));
  }
  if (schema->second.string_value() != kReportSchema) {
    return absl::InvalidArgumentError(
        fmt::format("{} has the schema '{}'; this program reads '{}'", name,
                    schema->second.string_value(), kReportSchema));
  }
  return absl::InvalidArgumentError(
      fmt::format("{} is not a report of the lab: {}", name, error));
}

}  // namespace

std::string ReportToJson(const report::Report& report, JsonForm form) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = form == JsonForm::kReadable;
  // A zero is a measurement, not a missing value.
  options.always_print_primitive_fields = true;
  report::Report labelled = report;
  labelled.set_schema(kReportSchema);
  constexpr char kTypes[] = "type.googleapis.com";
  const std::unique_ptr<google::protobuf::util::TypeResolver> resolver(
      google::protobuf::util::NewTypeResolverForDescriptorPool(
          kTypes, google::protobuf::DescriptorPool::generated_pool()));
  std::string json;
  // Fails only for messages with an Any field, which reports do not have.
  (void)google::protobuf::util::BinaryToJsonString(
      resolver.get(), kTypes + ("/" + report.GetDescriptor()->full_name()),
      Binary(labelled), &json, options);
  return json;
}

absl::StatusOr<report::Report> ReportFromJson(const std::string& json,
                                              const std::string& name) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  report::Report report;
  const auto parsed =
      google::protobuf::util::JsonStringToMessage(json, &report, options);
  if (!parsed.ok()) return Explain(json, name, parsed.message().ToString());
  if (report.schema() != kReportSchema) return Explain(json, name, "");
  return report;
}

absl::StatusOr<report::Report> ReadReport(const std::string& path) {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(fopen(path.c_str(), "re"),
                                                   &fclose);
  if (file == nullptr) return FailedWithErrno(path, "cannot be read");
  std::string json;
  char buffer[1 << 16];
  std::size_t count = 0;
  while ((count = fread(buffer, 1, sizeof(buffer), file.get())) > 0) {
    json.append(buffer, count);
  }
  // A folder can be opened, but not read.
  if (ferror(file.get()) != 0) return FailedWithErrno(path, "cannot be read");
  return ReportFromJson(json, path);
}

absl::Status WriteReportFile(const std::string& text, const std::string& path) {
  struct stat existing = {};
  // Pipes and devices cannot be replaced, only written to.
  const bool replace =
      stat(path.c_str(), &existing) != 0 || S_ISREG(existing.st_mode);
  const std::string target =
      replace ? fmt::format("{}.{}.part", path, getpid()) : path;
  FILE* const file = fopen(target.c_str(), "we");
  if (file == nullptr) return FailedWithErrno(path, "cannot be written");
  absl::Status status;
  const auto check = [&](bool done) {
    if (!done) status.Update(FailedWithErrno(path, "cannot be written"));
  };
  check(fwrite(text.data(), 1, text.size(), file) == text.size() &&
        fflush(file) == 0 && (!replace || fsync(fileno(file)) == 0));
  check(fclose(file) == 0);
  if (replace && status.ok()) check(rename(target.c_str(), path.c_str()) == 0);
  if (replace && !status.ok()) unlink(target.c_str());
  return status;
}

}  // namespace pinhole::lab
