// SPDX-License-Identifier: Apache-2.0

// Deletion of the accounts that a run of the lab left on a server.

#pragma once

#include <atomic>
#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "client/lab/load/target.h"

namespace pinhole::lab {

// Whether `handle` is one that the run with the prefix `run` gives to accounts;
// an empty `run` stands for every run.
bool IsLabHandle(std::string_view handle, std::string_view run);

// Errors: INVALID_ARGUMENT if no run has this prefix.
absl::Status CheckRun(std::string_view run);

struct Cleanup {
  std::size_t deleted = 0;
  // Accounts with a handle of the lab's but another password, which are left
  // alone.
  std::size_t foreign = 0;
  std::size_t failed = 0;
  std::string failure;  // The first one.
  bool stopped = false;
};

// Deletes the accounts of the run with the prefix `run`, or those of all runs
// if it is empty.  The accounts are found by their handles on the server, so
// the run need not have ended well.  `stop` ends the work early.
// Errors: those of the calls that look for accounts.
absl::StatusOr<Cleanup> DeleteAccounts(const Target& target,
                                       const std::string& run,
                                       const std::atomic<bool>& stop);

}  // namespace pinhole::lab
