// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>

#include "server/model/ids.h"

namespace pinhole::domain {

// The user and the session that a session token belongs to; empty if a call has
// no token.
struct Caller {
  UserId user;
  SessionId session;
  std::string handle;
  bool administrator = false;
};

}  // namespace pinhole::domain
