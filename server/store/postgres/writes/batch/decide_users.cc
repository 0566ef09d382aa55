// SPDX-License-Identifier: Apache-2.0

#include "base/status_macros.h"
#include "server/store/postgres/writes/batch/decide.h"

namespace pinhole::postgres {

void Want(Draft& draft, const CreateUser& command) {
  draft.requests.Want(command.request);
  draft.handles.Want(command.handle);
}

absl::StatusOr<User> Decide(Draft& draft, const CreateUser& command) {
  ASSIGN_OR_RETURN(const std::int64_t earlier,
                   draft.requests.Find(command.request));
  if (earlier != 0) {
    return draft.transaction.reader().FindUser(UserId{earlier},
                                               UserId{earlier});
  }
  RETURN_IF_ERROR(draft.handles.Check(command.handle));
  User user;
  user.id = UserId{draft.transaction.NewId()};
  user.handle = command.handle;
  user.display_name = command.display_name;
  user.create_time = draft.transaction.now;
  draft.handles.Take(command.handle, user.id);
  draft.users.Add(user, command.password_hash);
  // Belongs to no user: a late repetition of the request must not create a
  // deleted account again.
  draft.requests.Remember(command.request, user.id.value, UserId{});
  return user;
}

}  // namespace pinhole::postgres
