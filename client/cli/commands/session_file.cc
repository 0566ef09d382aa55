// SPDX-License-Identifier: Apache-2.0

#include "client/cli/commands/session_file.h"

#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "client/cli/commands/private_file.h"
#include "fmt/format.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"

namespace pinhole::cli {
namespace {

using google::protobuf::Struct;

absl::Status Failed(const std::filesystem::path& path, std::string_view what) {
  return absl::FailedPreconditionError(
      fmt::format("the session file {} {}", path.string(), what));
}

absl::Status FailedWithErrno(const std::filesystem::path& path,
                             std::string_view what) {
  const std::string why = std::generic_category().message(errno);
  return Failed(path, fmt::format("{}: {}", what, why));
}

absl::StatusOr<Struct> Load(const std::filesystem::path& path) {
  Struct all;
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return all;
  std::ifstream file(path);
  std::stringstream text;
  if (!file || !(text << file.rdbuf())) {
    return FailedWithErrno(path, "cannot be read");
  }
  const auto parsed =
      google::protobuf::util::JsonStringToMessage(text.str(), &all);
  if (!parsed.ok())
    return Failed(path, "is damaged; remove it and sign in again");
  return all;
}

absl::Status Replace(const std::filesystem::path& path, const Struct& all) {
  std::string text;
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  const auto printed =
      google::protobuf::util::MessageToJsonString(all, &text, options);
  if (!printed.ok()) return Failed(path, "cannot store this session");
  const absl::Status written = WritePrivateFile(path, text);
  if (written.ok()) return written;
  return absl::FailedPreconditionError(
      fmt::format("session file: {}", std::string(written.message())));
}

}  // namespace

SessionFile::SessionFile(std::filesystem::path path) : path_(std::move(path)) {}

absl::StatusOr<std::optional<StoredSession>> SessionFile::Find(
    const std::string& target) const {
  const auto all = Load(path_);
  if (!all.ok()) return all.status();
  const auto entry = all->fields().find(target);
  if (entry == all->fields().end()) return std::nullopt;
  const auto& fields = entry->second.struct_value().fields();
  const auto handle = fields.find("handle");
  const auto token = fields.find("token");
  if (handle == fields.end() || token == fields.end()) return std::nullopt;
  return StoredSession{handle->second.string_value(),
                       token->second.string_value()};
}

absl::Status SessionFile::Save(const std::string& target,
                               const StoredSession& session) {
  auto all = Load(path_);
  if (!all.ok()) return all.status();
  auto& fields = *(*all->mutable_fields())[target]
                      .mutable_struct_value()
                      ->mutable_fields();
  fields["handle"].set_string_value(session.handle);
  fields["token"].set_string_value(session.token);
  return Replace(path_, *all);
}

absl::Status SessionFile::Remove(const std::string& target) {
  auto all = Load(path_);
  if (!all.ok()) return all.status();
  if (all->mutable_fields()->erase(target) == 0) return absl::OkStatus();
  return Replace(path_, *all);
}

std::filesystem::path SessionPath(const Terminal& terminal) {
  if (const auto file = terminal.env("PINHOLE_SESSION_FILE"); !file.empty()) {
    return file;
  }
  std::filesystem::path state = terminal.env("XDG_STATE_HOME");
  if (state.empty()) {
    state = std::filesystem::path(terminal.env("HOME")) / ".local" / "state";
  }
  return state / "pinhole" / "session.json";
}

}  // namespace pinhole::cli
