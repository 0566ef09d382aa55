// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "absl/status/statusor.h"
#include "server/store/commands.h"
#include "server/store/sqlite/db/connection.h"
#include "server/store/sqlite/db/write_transaction.h"
#include "server/store/store.h"

namespace pinhole::store {

absl::StatusOr<Page<Comment>> ListComments(Connection& db, UserId viewer,
                                           PhotoId photo, PageRequest page);

absl::StatusOr<Comment> Apply(WriteTransaction&, const CreateComment&);
absl::StatusOr<DeleteComment::Result> Apply(WriteTransaction&,
                                            const DeleteComment&);

}  // namespace pinhole::store
