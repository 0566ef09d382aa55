// SPDX-License-Identifier: Apache-2.0

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "base/status_macros.h"
#include "server/model/limits.h"
#include "tests/support/model_store/apply.h"
#include "tests/support/model_store/view.h"

namespace pinhole::testing::model {
namespace {

absl::Status NoSuchSession() {
  return MakeError(Reason::kSessionNotFound, "there is no such session");
}

UserRow* FindRow(Rows& rows, UserId user) {
  return Find(rows.users, [&](const UserRow& u) { return u.id == user; });
}

absl::StatusOr<Session> FindSession(const Rows& rows, SessionId session,
                                    absl::Time now) {
  const Session* const row = Find(rows.sessions, [&](const Session& s) {
    return s.id == session && s.expire_time > now;
  });
  if (row == nullptr) return NoSuchSession();
  return ShowSession(rows, *row);
}

}  // namespace

absl::StatusOr<std::int64_t> FindRequest(const Rows& rows,
                                         const RequestKey& request,
                                         absl::Time now) {
  const auto row = rows.requests.find(request.key);
  if (request.key.empty() || row == rows.requests.end() ||
      row->second.create_time <= now - limits::kRequestIdRetention) {
    return 0;
  }
  if (row->second.fingerprint != request.fingerprint) {
    return InvalidField("request_id",
                        "was used before for a request with other content",
                        Reason::kRequestIdReused);
  }
  return row->second.result;
}

void RememberRequest(WriteTransaction& transaction, const RequestKey& request,
                     std::int64_t result, UserId user) {
  if (request.key.empty()) return;
  transaction.rows.requests[request.key] =
      RequestRow{request.fingerprint, result, user, transaction.now};
}

Removal RecordRemoval(WriteTransaction& transaction, UserId administrator,
                      UserId owner, Removal removed) {
  removed.id = transaction.NewId();
  removed.administrator = UserOf(transaction.rows, administrator).handle;
  removed.owner = UserOf(transaction.rows, owner).handle;
  removed.time = transaction.now;
  transaction.rows.removals.push_back(removed);
  return removed;
}

absl::StatusOr<User> Apply(WriteTransaction& transaction,
                           const CreateUser& command) {
  ASSIGN_OR_RETURN(
      const std::int64_t earlier,
      FindRequest(transaction.rows, command.request, transaction.now));
  if (earlier != 0) {
    return View(transaction.rows, UserId{earlier}).FindUser(UserId{earlier});
  }
  if (Any(transaction.rows.users,
          [&](const UserRow& u) { return u.handle == command.handle; })) {
    return MakeError(Reason::kHandleTaken,
                     absl::StrCat("the handle ", command.handle, " is taken"));
  }
  const auto reserved = transaction.rows.reserved_handles.find(command.handle);
  if (reserved != transaction.rows.reserved_handles.end() &&
      reserved->second > transaction.now - limits::kHandleReservation) {
    return MakeError(Reason::kHandleReserved,
                     absl::StrCat("the handle ", command.handle,
                                  " belonged to a deleted account; it can be "
                                  "taken again 30 days after "
                                  "the deletion"));
  }
  const UserId id{transaction.NewId()};
  transaction.rows.users.push_back(
      UserRow{id, command.handle, command.display_name, "",
              command.password_hash, transaction.now});
  // Belongs to no user: a late repetition of the request must not create a
  // deleted account again.
  RememberRequest(transaction, command.request, id.value, UserId{});
  return View(transaction.rows, id).FindUser(id);
}

absl::StatusOr<User> Apply(WriteTransaction& transaction,
                           const UpdateUser& command) {
  UserRow* const user = FindRow(transaction.rows, command.user);
  if (user == nullptr) return NoSuchUser();
  if (command.display_name) user->display_name = *command.display_name;
  if (command.bio) user->bio = *command.bio;
  return View(transaction.rows, command.user).FindUser(command.user);
}

absl::StatusOr<DeleteUser::Result> Apply(WriteTransaction& transaction,
                                         const DeleteUser& command) {
  Rows& rows = transaction.rows;
  const UserId user = command.user;
  if (FindRow(rows, user) == nullptr) return NoSuchUser();
  DeleteUser::Result result;
  if (command.actor && command.actor != user) {
    if (!IsAdministrator(rows, command.actor)) {
      return MakeError(Reason::kAccountNotOwned,
                       "the account belongs to another user");
    }
    result.removal = RecordRemoval(transaction, command.actor, user,
                                   {.kind = Removal::Kind::kUser});
  }
  const auto own = [&](PhotoId photo) {
    return Any(rows.photos, [&](const Photo& p) {
      return p.id == photo && p.owner == user;
    });
  };
  std::erase_if(rows.likes, [&](const LikeRow& l) {
    return l.user == user || own(l.photo);
  });
  std::erase_if(rows.comments, [&](const CommentRow& c) {
    return c.author == user || own(c.photo);
  });
  rows.reserved_handles[UserOf(rows, user).handle] = transaction.now;
  for (const Photo& photo : rows.photos) {
    if (photo.owner == user) result.file_keys.push_back(photo.file_key);
  }
  rows.garbage.insert(result.file_keys.begin(), result.file_keys.end());
  std::erase_if(rows.photos, [&](const Photo& p) { return p.owner == user; });
  std::erase_if(rows.follows, [&](const FollowRow& f) {
    return f.follower == user || f.followee == user;
  });
  std::erase_if(rows.blocks, [&](const BlockRow& b) {
    return b.blocker == user || b.blocked == user;
  });
  std::erase_if(rows.sessions,
                [&](const Session& s) { return s.user == user; });
  std::erase_if(rows.requests,
                [&](const auto& r) { return r.second.user == user; });
  std::erase_if(rows.users, [&](const UserRow& u) { return u.id == user; });
  return result;
}

absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const ChangePassword& command) {
  UserRow* const user = FindRow(transaction.rows, command.user);
  if (user == nullptr) return NoSuchUser();
  user->password_hash = command.password_hash;
  std::erase_if(transaction.rows.sessions, [&](const Session& s) {
    return s.user == command.user && s.id != command.keep;
  });
  return Nothing{};
}

absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const SetAdministrator& command) {
  UserRow* const user = FindRow(transaction.rows, command.user);
  if (user == nullptr) return NoSuchUser();
  user->administrator = command.administrator;
  return Nothing{};
}

absl::StatusOr<Session> Apply(WriteTransaction& transaction,
                              const CreateSession& command) {
  ASSIGN_OR_RETURN(
      const std::int64_t earlier,
      FindRequest(transaction.rows, command.request, transaction.now));
  if (earlier != 0)
    return FindSession(transaction.rows, SessionId{earlier}, transaction.now);
  const UserRow* const user = FindRow(transaction.rows, command.user);
  if (user == nullptr) return NoSuchUser();
  if (user->password_hash != command.password_hash) {
    return absl::AbortedError("the password was changed during the login");
  }
  std::erase_if(transaction.rows.sessions, [&](const Session& s) {
    return s.token_hash == command.token_hash;
  });
  const SessionId id{transaction.NewId()};
  transaction.rows.sessions.push_back(
      Session{id, command.user, "", command.token_hash, transaction.now,
              WholeMilliseconds(command.expire_time)});
  RememberRequest(transaction, command.request, id.value, command.user);
  return ShowSession(transaction.rows, transaction.rows.sessions.back());
}

absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const DeleteSession& command) {
  const auto erased =
      std::erase_if(transaction.rows.sessions, [&](const Session& s) {
        return s.id == command.session && s.user == command.user;
      });
  if (erased == 0) return NoSuchSession();
  return Nothing{};
}

absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const TouchSession& command) {
  Session* const session =
      Find(transaction.rows.sessions, [&](const Session& s) {
        return s.id == command.session && s.expire_time > transaction.now;
      });
  if (session != nullptr) {
    session->expire_time =
        std::min(WholeMilliseconds(command.expire_time),
                 session->create_time + limits::kSessionLifetime);
  }
  return Nothing{};
}

absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const PurgeExpired& command) {
  auto& sessions = transaction.rows.sessions;
  for (int i = 0; i < command.limit && !sessions.empty(); ++i) {
    const auto first = std::min_element(sessions.begin(), sessions.end(),
                                        [](const auto& a, const auto& b) {
                                          return a.expire_time < b.expire_time;
                                        });
    if (first->expire_time > transaction.now) break;
    sessions.erase(first);
  }
  auto& requests = transaction.rows.requests;
  for (int i = 0; i < command.limit && !requests.empty(); ++i) {
    const auto first = std::min_element(
        requests.begin(), requests.end(), [](const auto& a, const auto& b) {
          return a.second.create_time < b.second.create_time;
        });
    if (first->second.create_time >
        transaction.now - limits::kRequestIdRetention) {
      break;
    }
    requests.erase(first);
  }
  auto& reserved = transaction.rows.reserved_handles;
  for (int i = 0; i < command.limit && !reserved.empty(); ++i) {
    const auto first = std::min_element(
        reserved.begin(), reserved.end(),
        [](const auto& a, const auto& b) { return a.second < b.second; });
    if (first->second > transaction.now - limits::kHandleReservation) break;
    reserved.erase(first);
  }
  auto& uploads = transaction.rows.uploads;
  for (int i = 0; i < command.limit && !uploads.empty(); ++i) {
    const auto first = std::min_element(
        uploads.begin(), uploads.end(),
        [](const auto& a, const auto& b) { return a.second < b.second; });
    if (first->second > transaction.now - limits::kUploadGrace) break;
    transaction.rows.garbage.insert(first->first);
    uploads.erase(first);
  }
  return Nothing{};
}

}  // namespace pinhole::testing::model
