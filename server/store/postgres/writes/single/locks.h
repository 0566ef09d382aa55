// SPDX-License-Identifier: Apache-2.0

// Row locks, taken before a decision is made.  Each function is one statement
// that locks rows in ascending order of their ids and ignores missing ones.
// What the decision depends on must be read by a later statement: the snapshot
// of a statement that locks is older than the locks it waits for.

#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/model/ids.h"
#include "server/store/postgres/writes/write_transaction.h"

namespace pinhole::postgres {

// A photo and its owner, which together are its key.
struct PhotoKeys {
  std::vector<UserId> owners;
  std::vector<PhotoId> photos;  // As many.
};

absl::Status LockUsers(WriteTransaction& transaction,
                       const std::vector<UserId>& users);
absl::Status LockPhotos(WriteTransaction& transaction, const PhotoKeys& keys);

// The owner of a photo, which never changes.  Locks nothing.
// Errors: NOT_FOUND.
absl::StatusOr<UserId> OwnerOf(WriteTransaction& transaction, PhotoId photo);

}  // namespace pinhole::postgres
