// SPDX-License-Identifier: Apache-2.0

// Commands: what the operator does with a data folder besides serving it.
//
//   pinhole-server admin grant|revoke HANDLE
//   pinhole-server admin list|removals
//   pinhole-server backup --to FOLDER
//   pinhole-server verify-backup FOLDER
//   pinhole-server restore --from FOLDER
//   pinhole-server renditions rebuild
//
// They take the data folder's lock: while a server runs nobody else may touch
// its database, since a second process that commits or checkpoints can make
// SQLite 3.7.0 to 3.51.2 lose commits.  `admin` asks a server that runs to do
// what is wanted (admin_commands.h), so it holds for all calls that begin after
// the command has ended.

#ifndef PINHOLE_SERVER_APP_COMMANDS_COMMANDS_H_
#define PINHOLE_SERVER_APP_COMMANDS_COMMANDS_H_

#include <optional>
#include <ostream>
#include <string>

namespace pinhole::app {

// Runs the command that the arguments name: 0 if it did what was asked, 1 if it
// failed, 2 if it was used wrongly.  None if they name no command: then the
// server is to be started.
std::optional<int> RunCommand(int argc, const char* const* argv,
                              std::ostream& out, std::ostream& err);

// The commands, for --help of the server.
std::string CommandsHelp();

}  // namespace pinhole::app

#endif  // PINHOLE_SERVER_APP_COMMANDS_COMMANDS_H_
