// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/model/ids.h"
#include "server/model/user.h"
#include "server/store/postgres/db/pipeline.h"
#include "server/store/postgres/writes/write_transaction.h"

namespace pinhole::postgres {

// The sessions that a batch creates and prolongs.
class Sessions {
 public:
  // Replaces a session with the same token.
  void Add(const Session& session) {
    added_.insert_or_assign(session.token_hash, session);
  }
  void Touch(SessionId session, absl::Time expire_time, absl::Time now);

  // Finds a stored session that has not expired.  Errors: NOT_FOUND.
  static absl::StatusOr<Session> Find(const WriteTransaction& transaction,
                                      SessionId session);

  void Save(Pipeline& pipeline, absl::Time now) const;

 private:
  void Lock(Pipeline& pipeline) const;
  void SaveTouched(Pipeline& pipeline, absl::Time now) const;

  std::map<std::string, Session> added_;     // By token hash.
  std::map<SessionId, absl::Time> touched_;  // Their ends.
};

}  // namespace pinhole::postgres
