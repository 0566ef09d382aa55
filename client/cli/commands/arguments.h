// SPDX-License-Identifier: Apache-2.0

// Arguments that several commands take.

#pragma once

#include <memory>
#include <string>

#include "client/cli/commands/context.h"

namespace pinhole::cli {

// Adds HANDLE: accepts HANDLE, @HANDLE or users/HANDLE, and converts it to the
// resource name.
std::shared_ptr<std::string> AddHandle(CliCommand command);

// Adds an optional HANDLE whose default is users/me.
std::shared_ptr<std::string> AddOptionalHandle(CliCommand command);

// Adds PHOTO: accepts photos/ID or ID, and converts it to the resource name.
std::shared_ptr<std::string> AddPhoto(CliCommand command);

// Adds COMMENT: accepts photos/ID/comments/ID, the resource name.
std::shared_ptr<std::string> AddComment(CliCommand command);

// Adds --limit N, the maximum number of entries of a list; 0 means all.
std::shared_ptr<int> AddLimit(CliCommand command);

// Adds --password-stdin.
std::shared_ptr<bool> AddPasswordStdin(CliCommand command);

// Reads a password: the next line of standard input if `from_stdin`, otherwise
// the environment variable `variable` if set, otherwise by asking `prompt`.
// Errors: FAILED_PRECONDITION if there is none.
absl::StatusOr<std::string> ReadPassword(const Terminal& terminal,
                                         bool from_stdin,
                                         const std::string& variable,
                                         const std::string& prompt);

// Reads a new password like `ReadPassword`, but prompts for it twice.
absl::StatusOr<std::string> ReadNewPassword(const Terminal& terminal,
                                            bool from_stdin,
                                            const std::string& variable,
                                            const std::string& prompt);

}  // namespace pinhole::cli
