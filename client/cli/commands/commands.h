// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "client/cli/commands/context.h"

namespace pinhole::cli {

// Each function adds a group of commands to `app`.  `context` must outlive
// `app`.
void AddAccountCommands(CliCommand app, Context& context);
void AddSessionsCommand(CliCommand app, Context& context);
void AddPhotoCommands(CliCommand app, Context& context);
void AddSocialCommands(CliCommand app, Context& context);
void AddServerCommands(CliCommand app, Context& context);
void AddSeedCommand(CliCommand app, Context& context);
void AddLabCommand(CliCommand app, Context& context);

}  // namespace pinhole::cli
