// SPDX-License-Identifier: Apache-2.0

// The part of the diagnostic that does what users do.

#ifndef PINHOLE_CLIENT_LAB_RUN_DIAGNOSTIC_STORY_H_
#define PINHOLE_CLIENT_LAB_RUN_DIAGNOSTIC_STORY_H_

#include <atomic>
#include <vector>

#include "client/lab/load/caller.h"
#include "client/lab/run/diagnostic.h"

namespace pinhole::lab {

// A user registers, logs in, looks, follows, uploads, likes, comments, and is
// deleted: a check for each, with what the answers have to say and how long
// they took.  When `stop` is set, what is left but for the end is left out.
void TellStory(Caller& caller, const std::atomic<bool>& stop,
               std::vector<Check>& checks);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_RUN_DIAGNOSTIC_STORY_H_
