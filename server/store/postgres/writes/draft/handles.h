// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/model/ids.h"
#include "server/store/postgres/db/pipeline.h"

namespace pinhole::postgres {

// The handles that a batch gives to new users, claimed like request keys.
class Handles {
 public:
  void Want(const std::string& handle) { rows_.try_emplace(handle); }

  void Claim(Pipeline& pipeline, absl::Time now);
  void Read(const std::vector<Result>& results);

  // Errors: ALREADY_EXISTS (taken, or reserved after a deletion).
  absl::Status Check(const std::string& handle) const;
  // Gives a handle that passed the check.
  void Take(const std::string& handle, UserId user);

  void Save(Pipeline& pipeline) const;

 private:
  enum class State { kReserved, kTaken, kClaimed };
  struct Row {
    State state = State::kTaken;
    UserId user = {};  // Of this batch.
  };
  std::map<std::string, Row> rows_;
  std::size_t loaded_ = 0;  // Index of a result.
};

}  // namespace pinhole::postgres
