// SPDX-License-Identifier: Apache-2.0

// The operator's commands for a data directory.
//
//   pinhole-server admin grant|revoke HANDLE
//   pinhole-server admin list|removals
//   pinhole-server backup --to FOLDER
//   pinhole-server verify-backup FOLDER
//   pinhole-server restore --from FOLDER
//   pinhole-server migrate --from DATA_DIR --to postgres://...
//   pinhole-server renditions rebuild
//
// They take the lock of the data directory: while a server runs, no other
// process may use its database, since a second process that commits or
// checkpoints can make SQLite 3.7.0 to 3.51.2 lose commits.  `admin` sends its
// request to a running server (admin_commands.h); it applies to all calls that
// begin after the command has ended.

#pragma once

#include <optional>
#include <ostream>
#include <string>

namespace pinhole::app {

// Runs the command that the first argument names and returns the exit code: 0
// on success, 1 on failure, 2 on wrong usage.  Returns nullopt if there are no
// arguments or the first one is an option: then the server is to be started.
std::optional<int> RunCommand(int argc, const char* const* argv,
                              std::ostream& out, std::ostream& err);

// The list of commands for the server's --help.
std::string CommandsHelp();

}  // namespace pinhole::app
