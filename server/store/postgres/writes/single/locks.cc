// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/writes/single/locks.h"

#include "base/status_macros.h"
#include "server/store/store_errors.h"

namespace pinhole::postgres {

absl::Status LockUsers(WriteTransaction& transaction,
                       const std::vector<UserId>& users) {
  static const Statement kLock(
      "SELECT 1 FROM users WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE");
  return transaction.db.Query(kLock, users).status();
}

absl::Status LockPhotos(WriteTransaction& transaction, const PhotoKeys& keys) {
  static const Statement kLock(
      "SELECT 1 FROM unnest($1, $2) wanted (owner_id, id) "
      "JOIN photos p USING (owner_id, id) "
      "ORDER BY p.id FOR NO KEY UPDATE OF p");
  return transaction.db.Query(kLock, keys.owners, keys.photos).status();
}

absl::StatusOr<UserId> OwnerOf(WriteTransaction& transaction, PhotoId photo) {
  static const Statement kFind(
      "SELECT owner_id FROM photo_owners WHERE photo_id = $1");
  ASSIGN_OR_RETURN(const Result found, transaction.db.Query(kFind, photo));
  if (found.empty()) return store::NoSuchPhoto();
  return UserId{found[0].Int(0)};
}

}  // namespace pinhole::postgres
