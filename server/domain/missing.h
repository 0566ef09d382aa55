// SPDX-License-Identifier: Apache-2.0

// What one may not see is as if it were not there: one wording for both, so
// that an answer never tells which of the two it is.

#ifndef PINHOLE_SERVER_DOMAIN_MISSING_H_
#define PINHOLE_SERVER_DOMAIN_MISSING_H_

#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/model/ids.h"

namespace pinhole::domain {

// NOT_FOUND about a user, photo, comment or session, by its resource name.
absl::Status MissingUser(std::string_view handle);
absl::Status MissingPhoto(PhotoId photo);
absl::Status MissingComment(PhotoId photo, CommentId comment);
absl::Status MissingSession(std::string_view handle, SessionId session);

// `result`, but `missing` in place of the store's own NOT_FOUND.
template <typename T>
absl::StatusOr<T> OrMissing(absl::StatusOr<T> result, absl::Status missing) {
  if (absl::IsNotFound(result.status())) return missing;
  return result;
}

}  // namespace pinhole::domain

#endif  // PINHOLE_SERVER_DOMAIN_MISSING_H_
