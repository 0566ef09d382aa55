// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/watches.h"

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "fmt/format.h"
#include "server/base/errors.h"

namespace pinhole::rpc {

absl::StatusOr<Watches::Place> Watches::Begin(UserId user) {
  const int most = user ? options_.per_user : options_.of_strangers;
  std::optional<Place> place = places_.Take(user.value, most);
  if (place) return *std::move(place);
  // No retry delay: it ends when one of the others does.
  return WithReason(absl::ResourceExhaustedError(fmt::format(
                        "{} watches are open already{}; end one of them first",
                        most, user ? ", with your account" : "")),
                    "TOO_MANY_WATCHES");
}

}  // namespace pinhole::rpc
