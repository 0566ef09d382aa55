// SPDX-License-Identifier: Apache-2.0

// The part of the diagnostic that performs the operations of a user.

#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "client/lab/load/caller.h"
#include "client/lab/run/diagnostic.h"

namespace pinhole::lab {

// Registers a user, logs in, reads, follows, uploads, likes, comments, and
// deletes the user.  Adds a check of each answer and of the time it took.  Once
// `stop` is set, only the deletion is still done.
void TellStory(Caller& caller, const std::string& seed_command,
               const std::atomic<bool>& stop, std::vector<Check>& checks);

}  // namespace pinhole::lab
