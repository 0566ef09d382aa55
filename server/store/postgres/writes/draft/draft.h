// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/store/commands.h"
#include "server/store/postgres/writes/draft/comments.h"
#include "server/store/postgres/writes/draft/handles.h"
#include "server/store/postgres/writes/draft/likes.h"
#include "server/store/postgres/writes/draft/notifications.h"
#include "server/store/postgres/writes/draft/photos.h"
#include "server/store/postgres/writes/draft/requests.h"
#include "server/store/postgres/writes/draft/sessions.h"
#include "server/store/postgres/writes/draft/ties.h"
#include "server/store/postgres/writes/draft/uploads.h"
#include "server/store/postgres/writes/draft/users.h"
#include "server/store/postgres/writes/write_transaction.h"

namespace pinhole::postgres {

// The rows that a batch of commands concerns, and the changes that the commands
// make to them.  Most batches cost two round trips: `Load` locks and reads the
// rows of all commands, then the commands are decided in memory, one after the
// other (batch/decide.h), and what `Save` adds to the pipeline is sent with the
// COMMIT.
struct Draft {
  // `transaction` must outlive the draft.
  explicit Draft(WriteTransaction& open) : transaction(open) {}

  // Call Want for each command first (batch/decide.h).
  absl::Status Load();
  void Save();

  // The photo, if `actor` may see it.  Errors: NOT_FOUND.
  absl::StatusOr<Photos::Row> VisiblePhoto(UserId actor, PhotoId photo) const;

  WriteTransaction& transaction;
  Requests requests;
  Handles handles;
  Users users;
  Photos photos;
  Ties ties;
  Likes likes;
  Comments comments;
  Notifications notifications;
  Sessions sessions;
  Uploads uploads;

 private:
  // Loads what only photos for followers and blocks require, by a round trip
  // that most batches do without.
  absl::Status LoadTies();
};

}  // namespace pinhole::postgres
