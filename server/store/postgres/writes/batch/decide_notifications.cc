// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/writes/batch/decide.h"

namespace pinhole::postgres {

void Want(Draft& draft, const MarkNotificationsRead& command) {
  draft.users.Want(command.user);
}

absl::StatusOr<Nothing> Decide(Draft& draft,
                               const MarkNotificationsRead& command) {
  draft.notifications.MarkRead(command.user, command.last);
  return Nothing{};
}

}  // namespace pinhole::postgres
