// SPDX-License-Identifier: Apache-2.0

#include "base/status_macros.h"
#include "server/store/postgres/writes/batch/decide.h"
#include "server/store/store_errors.h"

namespace pinhole::postgres {

void Want(Draft& draft, const CreateSession& command) {
  draft.requests.Want(command.request);
  draft.users.Want(command.user);
}

void Want(Draft&, const TouchSession&) {}

absl::StatusOr<Session> Decide(Draft& draft, const CreateSession& command) {
  ASSIGN_OR_RETURN(const std::int64_t earlier,
                   draft.requests.Find(command.request));
  if (earlier != 0) {
    return Sessions::Find(draft.transaction, SessionId{earlier});
  }
  const Users::Row* const user = draft.users.Find(command.user);
  if (user == nullptr) return store::NoSuchUser();
  if (user->password_hash != command.password_hash) {
    return store::PasswordChanged();
  }
  const Session session{SessionId{draft.transaction.NewId()},
                        command.user,
                        user->handle,
                        command.token_hash,
                        draft.transaction.now,
                        AsStored(command.expire_time),
                        user->administrator};
  draft.sessions.Add(session);
  draft.requests.Remember(command.request, session.id.value, command.user);
  return session;
}

absl::StatusOr<Nothing> Decide(Draft& draft, const TouchSession& command) {
  draft.sessions.Touch(command.session, AsStored(command.expire_time),
                       draft.transaction.now);
  return Nothing{};
}

}  // namespace pinhole::postgres
