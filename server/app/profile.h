// SPDX-License-Identifier: Apache-2.0

// Profile: the good way and the tutorial's way of doing the same things, each
// improvement a setting of its own, so that they can be turned on one by one
// and measured.  None of them weakens durability.

#ifndef PINHOLE_SERVER_APP_PROFILE_H_
#define PINHOLE_SERVER_APP_PROFILE_H_

#include <optional>
#include <string>
#include <vector>

#include "base/options/cli_command.h"

namespace pinhole::app {

struct Profile {
  bool reuse_connections = true;  // Else a connection for every operation.
  bool wait_when_busy = true;     // Else a lock that is held is an error.
  bool queue_writes = true;       // Else each commits alone, without WAL.
  int cache_mib = 64;             // 0: no cache.
  bool pool_hashes = true;        // Else on the thread that answers calls.

  // All off.
  static Profile Naive();

  // What differs from the good way, a line each: for measuring only.
  std::vector<std::string> Warnings() const;
};

// The flags that set it; they outlive the parsing.
class ProfileFlags {
 public:
  explicit ProfileFlags(CliCommand app);

  // What they say, after the parsing: the profile named and what was set by
  // itself.
  Profile Resolve() const;

 private:
  bool naive_ = false;
  std::optional<bool> reuse_connections_;
  std::optional<bool> wait_when_busy_;
  std::optional<bool> queue_writes_;
  std::optional<int> cache_mib_;
  std::optional<bool> pool_hashes_;
};

}  // namespace pinhole::app

#endif  // PINHOLE_SERVER_APP_PROFILE_H_
