// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/store/commands.h"
#include "server/store/postgres/db/pipeline.h"

namespace pinhole::postgres {

// The request keys of a batch.  They are claimed before anything is read: the
// insertion of a key waits for a transaction of another server that inserted
// the same key, so that only one of them runs the command.
class Requests {
 public:
  void Want(const RequestKey& request);

  void Claim(Pipeline& pipeline, absl::Time now);
  void Read(const std::vector<Result>& results);

  // The id of what the request created; 0 if the key is unknown or expired.
  // Errors: INVALID_ARGUMENT (the key was used with another fingerprint).
  absl::StatusOr<std::int64_t> Find(const RequestKey& request) const;
  // Whose request it was, if it is known.
  UserId UserOf(const RequestKey& request) const {
    return rows_.at(request.key).user;
  }
  // Stores the result of `request`, which is deleted with the account of
  // `user`.
  void Remember(const RequestKey& request, std::int64_t result, UserId user);

  void Save(Pipeline& pipeline) const;

 private:
  struct Row {
    std::string fingerprint;
    std::int64_t result = 0;  // 0: claimed, but no command succeeded yet.
    UserId user;
    bool claimed = false;   // By this batch.
    bool inserted = false;  // By this batch: there was no such row.
  };
  std::map<std::string, Row> rows_;  // By key.
  std::size_t loaded_ = 0;           // Index of a result.
  absl::Time now_;
};

}  // namespace pinhole::postgres
