// SPDX-License-Identifier: Apache-2.0

#include "client/lab/report/report_file.h"

#include <fcntl.h>
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

absl::Status WriteAll(int file, const std::string& text,
                      const std::string& path) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t written = write(file, text.data() + done, text.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FailedWithErrno(path, "cannot be written");
    done += static_cast<std::size_t>(written);
  }
  return absl::OkStatus();
}

// Pipes and terminals cannot be replaced, only written to.
absl::Status WriteStraight(const std::string& text, const std::string& path) {
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return FailedWithErrno(path, "cannot be opened");
  const absl::Status written = WriteAll(file, text, path);
  close(file);
  return written;
}

absl::Status WriteNew(int file, const std::string& text,
                      const std::string& path) {
  absl::Status written = WriteAll(file, text, path);
  if (written.ok() && fsync(file) != 0) {
    written = FailedWithErrno(path, "cannot be written");
  }
  if (close(file) != 0 && written.ok()) {
    written = FailedWithErrno(path, "cannot be written");
  }
  return written;
}

absl::Status Replace(const std::string& text, const std::string& path) {
  // Not mkstemp, whose files only their owner may read.
  const std::string beside = fmt::format("{}.{}.part", path, getpid());
  const int file =
      open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) return FailedWithErrno(path, "cannot be written");
  absl::Status written = WriteNew(file, text, path);
  if (written.ok() && rename(beside.c_str(), path.c_str()) != 0) {
    written = FailedWithErrno(path, "cannot be written");
  }
  if (!written.ok()) unlink(beside.c_str());
  return written;
}

// The usual way to JSON writes the entries of maps in an order that changes
// from one run to the next, which would show in every comparison of two files;
// the way over this does not.
std::string Binary(const report::Report& report) {
  std::string binary;
  google::protobuf::io::StringOutputStream stream(&binary);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  report.SerializeToCodedStream(&coded);
  coded.Trim();
  return binary;
}

// Why `json` is not a report that can be read: another schema may differ so
// much that its fields cannot be, which is not to be called broken.
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
  // A zero is a finding here, not the want of one.
  options.always_print_primitive_fields = true;
  report::Report labelled = report;
  labelled.set_schema(kReportSchema);
  constexpr char kTypes[] = "type.googleapis.com";
  const std::unique_ptr<google::protobuf::util::TypeResolver> resolver(
      google::protobuf::util::NewTypeResolverForDescriptorPool(
          kTypes, google::protobuf::DescriptorPool::generated_pool()));
  std::string json;
  // Fails only for messages of kind Any, which a report has none of.
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
  // A folder opens, but does not read.
  if (ferror(file.get()) != 0) return FailedWithErrno(path, "cannot be read");
  return ReportFromJson(json, path);
}

absl::Status WriteReportFile(const std::string& text, const std::string& path) {
  if (path == "-") return WriteAll(STDOUT_FILENO, text, "standard output");
  struct stat status = {};
  if (stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    return WriteStraight(text, path);
  }
  return Replace(text, path);
}

}  // namespace pinhole::lab
