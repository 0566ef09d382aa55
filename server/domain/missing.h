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
absl::Status Missing(std::string_view handle);
absl::Status Missing(PhotoId photo);
absl::Status Missing(PhotoId photo, CommentId comment);
absl::Status Missing(std::string_view handle, SessionId session);

// `result`, but `Missing(name...)` in place of the store's own NOT_FOUND.
template <typename T, typename... Name>
absl::StatusOr<T> OrMissing(absl::StatusOr<T> result, const Name&... name) {
  if (absl::IsNotFound(result.status())) return Missing(name...);
  return result;
}

}  // namespace pinhole::domain

#endif  // PINHOLE_SERVER_DOMAIN_MISSING_H_
