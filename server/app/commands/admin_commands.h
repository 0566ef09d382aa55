// SPDX-License-Identifier: Apache-2.0

// `pinhole-server admin ...`: manages administrators and lists their removals.

#pragma once

#include <filesystem>
#include <string>

#include "absl/status/statusor.h"
#include "server/store/store.h"

namespace pinhole::app {

// A command of the operator.
struct AdminRequest {
  std::string action;  // "grant", "revoke", "list", "removals"
  std::string handle;  // For grant and revoke; otherwise empty.
};

// Runs the command and returns the text to print. Errors: INVALID_ARGUMENT (no
// such action, not a handle), NOT_FOUND (no such user), those of the store.
absl::StatusOr<std::string> RunAdmin(Store& store, const AdminRequest& request);

// Runs the command on the PostgreSQL database `store`, if that is not empty.
// Otherwise lets the server that runs on `data_dir` run the command
// (operator_socket.h), or runs it in this process if there is none.  Errors:
// those of `RunAdmin`, `OpenPostgres` and `OfflineStore::Open`.
absl::StatusOr<std::string> RunAdminCommand(
    const std::filesystem::path& data_dir, const std::string& store,
    const AdminRequest& request);

}  // namespace pinhole::app
