// SPDX-License-Identifier: Apache-2.0

// The part of the diagnostic that does what users do.

#ifndef PINHOLE_CLIENT_LAB_DIAGNOSTIC_STORY_H_
#define PINHOLE_CLIENT_LAB_DIAGNOSTIC_STORY_H_

#include <vector>

#include "client/lab/caller.h"
#include "client/lab/diagnostic.h"

namespace pinhole::lab {

// A user registers, logs in, follows, looks, likes, comments, and is deleted:
// a check for each, with what the answers have to say and how long they took.
void TellStory(Caller& caller, std::vector<Check>& checks);

}  // namespace pinhole::lab

#endif  // PINHOLE_CLIENT_LAB_DIAGNOSTIC_STORY_H_
