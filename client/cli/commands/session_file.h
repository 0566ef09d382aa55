// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/cli/terminal/terminal.h"

namespace pinhole::cli {

struct StoredSession {
  std::string handle;
  std::string token;
};

// The stored sessions, one for each server (target), in a JSON file that only
// its owner can read.  Changes replace the file atomically.
class SessionFile {
 public:
  explicit SessionFile(std::filesystem::path path);

  // Errors: FAILED_PRECONDITION if the file is damaged or cannot be read.
  absl::StatusOr<std::optional<StoredSession>> Find(
      const std::string& target) const;

  // Errors: as for `Find`, and if the file cannot be written.
  absl::Status Save(const std::string& target, const StoredSession& session);
  absl::Status Remove(const std::string& target);

 private:
  std::filesystem::path path_;
};

// The path of the session file: PINHOLE_SESSION_FILE if set, otherwise
// pinhole/session.json in XDG_STATE_HOME or ~/.local/state.
std::filesystem::path SessionPath(const Terminal& terminal);

}  // namespace pinhole::cli
