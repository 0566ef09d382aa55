// SPDX-License-Identifier: Apache-2.0

// Profile: switches between the efficient and the naive way of doing the same
// thing, one for each optimization, so that their effects can be measured one
// by one.  None of them weakens durability.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/options/cli_command.h"

namespace pinhole::app {

struct Profile {
  bool reuse_connections = true;  // False: one per operation.
  bool wait_when_busy = true;     // False: a held lock is an error.
  bool queue_writes = true;       // False: one commit each, no WAL.
  int cache_mib = 64;             // 0: no cache.
  bool pool_hashes = true;        // False: on the event loops.

  // All optimizations off.
  static Profile Naive();

  // One line for each setting that is for measuring only.
  std::vector<std::string> Warnings() const;
};

// The flags for Profile; must outlive the parsing.
class ProfileFlags {
 public:
  explicit ProfileFlags(CliCommand app);

  // The values, after the parsing: those of the named profile, overridden by
  // single flags.
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
