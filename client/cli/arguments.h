// SPDX-License-Identifier: Apache-2.0

// Arguments that several commands take.

#ifndef PINHOLE_CLIENT_CLI_ARGUMENTS_H_
#define PINHOLE_CLIENT_CLI_ARGUMENTS_H_

#include <memory>
#include <string>

#include "client/cli/context.h"

namespace pinhole::cli {

// HANDLE, @HANDLE or users/HANDLE; becomes the resource name.
std::shared_ptr<std::string> AddHandle(CliCommand command);

// The same, but optional: the caller if it is left out.
std::shared_ptr<std::string> AddOptionalHandle(CliCommand command);

// photos/ID or ID; becomes the resource name.
std::shared_ptr<std::string> AddPhoto(CliCommand command);

// --limit N: how many entries a list shows at most; 0 means all.
std::shared_ptr<int> AddLimit(CliCommand command);

// --password-stdin.
std::shared_ptr<bool> AddPasswordStdin(CliCommand command);

// A password: the next line of standard input if `from_stdin`, else the
// environment's `variable`, else what `prompt` brings.
// Errors: FAILED_PRECONDITION if there is none.
absl::StatusOr<std::string> ReadPassword(const Terminal& terminal,
                                         bool from_stdin,
                                         const std::string& variable,
                                         const std::string& prompt);

// The same for a new password, which a person types twice.
absl::StatusOr<std::string> ReadNewPassword(const Terminal& terminal,
                                            bool from_stdin,
                                            const std::string& variable,
                                            const std::string& prompt);

}  // namespace pinhole::cli

#endif  // PINHOLE_CLIENT_CLI_ARGUMENTS_H_
