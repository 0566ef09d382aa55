// SPDX-License-Identifier: Apache-2.0

// Resources that the viewer may not see are reported exactly like those that do
// not exist, so that an error never reveals which is the case.

#pragma once

#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/model/ids.h"

namespace pinhole::domain {

// NOT_FOUND for a user, photo, comment or session, with its resource name.
absl::Status Missing(std::string_view handle);
absl::Status Missing(PhotoId photo);
absl::Status Missing(PhotoId photo, CommentId comment);
absl::Status Missing(std::string_view handle, SessionId session);

// Returns `result`, with `Missing(name...)` in place of the store's NOT_FOUND.
template <typename T, typename... Name>
absl::StatusOr<T> OrMissing(absl::StatusOr<T> result, const Name&... name) {
  if (absl::IsNotFound(result.status())) return Missing(name...);
  return result;
}

}  // namespace pinhole::domain
