// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_CLIENT_CLI_COMMANDS_H_
#define PINHOLE_CLIENT_CLI_COMMANDS_H_

#include "client/cli/context.h"

namespace pinhole::cli {

// Each adds a group of commands to `app`.  `context` must outlive it.
void AddAccountCommands(CLI::App& app, Context& context);
void AddPhotoCommands(CLI::App& app, Context& context);
void AddSocialCommands(CLI::App& app, Context& context);
void AddServerCommands(CLI::App& app, Context& context);
void AddSeedCommand(CLI::App& app, Context& context);
void AddLabCommand(CLI::App& app, Context& context);

}  // namespace pinhole::cli

#endif  // PINHOLE_CLIENT_CLI_COMMANDS_H_
