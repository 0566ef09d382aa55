// SPDX-License-Identifier: Apache-2.0

#include "server/domain/accounts.h"

#include <algorithm>
#include <utility>

#include "base/errors.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/auth/password.h"
#include "server/auth/token.h"
#include "server/domain/missing.h"
#include "server/model/limits.h"

namespace pinhole::domain {
namespace {

constexpr absl::Duration kTouchAtMostEvery = absl::Hours(1);

absl::Status WrongLogin() {
  return MakeError(Reason::kWrongCredentials,
                   "handle and password do not match");
}

absl::Status RegistrationIsClosed() {
  return MakeError(Reason::kRegistrationClosed,
                   "registration is closed on this server; ask "
                   "its operator for an account");
}

}  // namespace

Accounts::Accounts(Store& store, Garbage& garbage, Passwords& passwords,
                   LoginThrottle& throttle, const Clock& clock,
                   Registration registration)
    : store_(store),
      garbage_(garbage),
      clock_(clock),
      passwords_(passwords),
      throttle_(throttle),
      registration_(registration) {
  // Computed at startup: otherwise the first login of an unknown user would
  // take twice as long as that of a known one, which reveals who exists.
  auth::UnknownUserHash();
}

Task<absl::StatusOr<User>> Accounts::Register(NewUser user) {
  if (registration_ == Registration::kClosed) co_return RegistrationIsClosed();
  CO_ASSIGN_OR_RETURN(std::string hash,
                      co_await passwords_.Hash(user.password, user.deadline));
  const bool repeatable = !user.request.key.empty();
  CreateUser create{.handle = std::move(user.handle),
                    .display_name = std::move(user.display_name),
                    .password_hash = hash,
                    .request = std::move(user.request)};
  const WriteOptions options{.deadline = user.deadline};
  CO_ASSIGN_OR_RETURN(const User created,
                      co_await store_.Execute(std::move(create), options));
  if (!repeatable) co_return created;
  CO_RETURN_IF_ERROR(co_await CheckRepetition(
      created.id, std::move(hash), std::move(user.password), user.deadline));
  co_return created;
}

Task<absl::StatusOr<Login>> Accounts::LogIn(LoginAttempt attempt) {
  absl::StatusOr<Login> login = co_await Begin(std::move(attempt));
  if (login.ok()) {
    ++logins_ok_;
  } else if (absl::IsUnauthenticated(login.status())) {
    ++logins_bad_credentials_;
  } else if (ReasonOf(login.status()) == Reason::kLoginThrottled) {
    ++logins_locked_;
  } else if (IsOverload(login.status())) {
    ++logins_limited_;
  } else {
    ++logins_failed_;
  }
  co_return login;
}

Task<absl::StatusOr<Login>> Accounts::Begin(LoginAttempt attempt) {
  CO_ASSIGN_OR_RETURN(const Credentials user, co_await Identify(attempt));
  std::string token = attempt.request_id.empty()
                          ? auth::NewToken()
                          : auth::RepeatableToken(store_.secret(),
                                                  std::to_string(user.id.value),
                                                  attempt.request_id);
  CreateSession create{.user = user.id,
                       .token_hash = auth::HashToken(token),
                       .expire_time = clock_.Now() + limits::kSessionIdle,
                       .password_hash = user.password_hash,
                       .request = std::move(attempt.request)};
  const WriteOptions options{.deadline = attempt.deadline};
  absl::StatusOr<Session> session =
      co_await store_.Execute(std::move(create), options);
  if (absl::IsAborted(session.status())) co_return WrongLogin();
  if (absl::IsNotFound(session.status())) {
    // The user or the first attempt's session no longer exists.
    const absl::StatusOr<Credentials> still = co_await FindCredentials(user.id);
    if (absl::IsNotFound(still.status())) co_return WrongLogin();
    co_return MakeError(
        Reason::kSessionOfRequestEnded,
        "the session of this request_id has ended; use a new request_id");
  }
  if (!session.ok()) co_return std::move(session).status();
  co_return Login{.session = *std::move(session), .token = std::move(token)};
}

Task<absl::StatusOr<Caller>> Accounts::Authenticate(std::string_view token) {
  auto find = [hash = auth::HashToken(token)](const StoreReader& reader) {
    return reader.FindSession(hash);
  };
  const absl::StatusOr<Session> session = co_await store_.Look(std::move(find));
  const absl::Time now = clock_.Now();
  if (absl::IsNotFound(session.status()) ||
      (session.ok() && session->expire_time <= now)) {
    co_return MakeError(
        Reason::kSessionEnded,
        "the session token is not valid or its session has ended");
  }
  if (!session.ok()) co_return session.status();
  const absl::Time end =
      std::min(now + limits::kSessionIdle,
               session->create_time + limits::kSessionLifetime);
  if (end - session->expire_time >= kTouchAtMostEvery) {
    // Not awaited: if it fails, the next call repeats it.
    store_.Submit(TouchSession{.session = session->id, .expire_time = end}, {},
                  [](const absl::StatusOr<CommandResult>&) {});
  }
  co_return Caller{.user = session->user,
                   .session = session->id,
                   .handle = session->handle,
                   .administrator = session->administrator};
}

Task<absl::StatusOr<User>> Accounts::FindUser(UserId viewer,
                                              std::string handle) {
  auto find = [viewer, &handle](const StoreReader& reader) {
    return reader.FindUser(viewer, handle);
  };
  co_return OrMissing(co_await store_.Look(std::move(find)), handle);
}

Task<absl::StatusOr<User>> Accounts::UpdateUser(Actor actor, std::string handle,
                                                UserChanges changes) {
  CO_RETURN_IF_ERROR(co_await RequireSelf(actor.user, handle));
  pinhole::UpdateUser update{.user = actor.user,
                             .display_name = std::move(changes.display_name),
                             .bio = std::move(changes.bio)};
  co_return OrMissing(
      co_await store_.Execute(std::move(update), actor.options()), handle);
}

Task<absl::StatusOr<std::optional<Removal>>> Accounts::DeleteUser(
    Actor actor, std::string handle, std::string password) {
  CO_ASSIGN_OR_RETURN(const UserId user,
                      co_await FindUserToDelete(actor.user, handle));
  CO_RETURN_IF_ERROR(co_await CheckPassword(actor, std::move(password)));
  pinhole::DeleteUser command{.user = user, .actor = actor.user};
  CO_ASSIGN_OR_RETURN(
      pinhole::DeleteUser::Result deleted,
      OrMissing(co_await store_.Execute(std::move(command), actor.options()),
                handle));
  // The user is deleted; files that cannot be removed stay recorded for the
  // sweep.
  (co_await garbage_.Remove(std::move(deleted.file_keys))).IgnoreError();
  co_return std::move(deleted.removal);
}

Task<absl::StatusOr<std::vector<User>>> Accounts::SearchUsers(
    UserId viewer, std::string prefix, std::string after, int limit) {
  auto search = [viewer, &prefix, &after, limit](const StoreReader& reader) {
    return reader.SearchUsers(viewer, prefix, after, limit);
  };
  co_return co_await store_.Scan(std::move(search));
}

Task<absl::Status> Accounts::ChangePassword(Actor actor, SessionId keep,
                                            std::string handle,
                                            std::string old_password,
                                            std::string new_password) {
  CO_RETURN_IF_ERROR(co_await RequireSelf(actor.user, handle));
  CO_RETURN_IF_ERROR(co_await CheckPassword(actor, std::move(old_password)));
  CO_ASSIGN_OR_RETURN(
      std::string hash,
      co_await passwords_.Hash(std::move(new_password), actor.deadline));
  pinhole::ChangePassword change{
      .user = actor.user, .password_hash = std::move(hash), .keep = keep};
  co_return OrMissing(
      co_await store_.Execute(std::move(change), actor.options()), handle)
      .status();
}

Task<absl::StatusOr<Page<Session>>> Accounts::ListSessions(UserId actor,
                                                           std::string handle,
                                                           PageRequest page) {
  CO_RETURN_IF_ERROR(co_await RequireSelf(actor, handle));
  auto list = [actor, page](const StoreReader& reader) {
    return reader.ListSessions(actor, page);
  };
  co_return co_await store_.Scan(std::move(list));
}

Task<absl::Status> Accounts::DeleteSession(Actor actor, std::string handle,
                                           SessionId session) {
  // Deliberately the same error for users who exist and users who do not.
  const absl::Status self = co_await RequireSelf(actor.user, handle);
  if (!self.ok()) co_return Missing(handle, session);
  pinhole::DeleteSession command{.user = actor.user, .session = session};
  co_return OrMissing(
      co_await store_.Execute(std::move(command), actor.options()), handle,
      session)
      .status();
}

AccountStats Accounts::Stats() const {
  return {.logins_ok = logins_ok_,
          .logins_bad_credentials = logins_bad_credentials_,
          .logins_limited = logins_limited_,
          .logins_locked = logins_locked_,
          .logins_failed = logins_failed_,
          .passwords = passwords_.Stats()};
}

Task<absl::Status> Accounts::RequireSelf(UserId actor, std::string handle) {
  CO_ASSIGN_OR_RETURN(const User user, co_await FindUser(actor, handle));
  if (user.id == actor) co_return absl::OkStatus();
  co_return MakeError(Reason::kAccountNotOwned,
                      fmt::format("users/{} is not your own account", handle));
}

Task<absl::StatusOr<Credentials>> Accounts::FindCredentials(UserId user) {
  auto find = [user](const StoreReader& reader) {
    return reader.FindCredentials(user);
  };
  co_return co_await store_.Look(std::move(find));
}

Task<absl::StatusOr<Credentials>> Accounts::FindCredentials(
    std::string handle) {
  auto find = [&handle](const StoreReader& reader) {
    return reader.FindCredentials(handle);
  };
  co_return co_await store_.Look(std::move(find));
}

Task<absl::StatusOr<UserId>> Accounts::FindUserToDelete(UserId actor,
                                                        std::string handle) {
  const auto self = co_await FindCredentials(actor);
  if (!self.ok() || !self->administrator) {
    CO_RETURN_IF_ERROR(co_await RequireSelf(actor, handle));
    co_return actor;
  }
  // Includes users hidden by a block.
  CO_ASSIGN_OR_RETURN(const Credentials user,
                      OrMissing(co_await FindCredentials(handle), handle));
  co_return user.id;
}

Task<absl::Status> Accounts::CheckPassword(Actor actor, std::string password) {
  CO_ASSIGN_OR_RETURN(Credentials user, co_await FindCredentials(actor.user));
  CO_ASSIGN_OR_RETURN(LoginThrottle::Guess guess,
                      co_await throttle_.Confirm(actor.user, clock_.Now()));
  CO_ASSIGN_OR_RETURN(
      const bool right,
      co_await passwords_.Verify(
          std::move(password), std::move(user.password_hash), actor.deadline));
  if (right) co_return absl::OkStatus();
  guess.Wrong();
  co_return MakeError(Reason::kWrongPassword, "the password is wrong");
}

Task<absl::Status> Accounts::CheckRepetition(UserId user, std::string hash,
                                             std::string password,
                                             absl::Time deadline) {
  CO_ASSIGN_OR_RETURN(Credentials stored, co_await FindCredentials(user));
  if (stored.password_hash == hash) co_return absl::OkStatus();
  // A client that knows the request id could guess the password here, so the
  // request counts as a guess.
  CO_ASSIGN_OR_RETURN(LoginThrottle::Guess guess,
                      co_await throttle_.Confirm(user, clock_.Now()));
  CO_ASSIGN_OR_RETURN(
      const bool same,
      co_await passwords_.Verify(std::move(password),
                                 std::move(stored.password_hash), deadline));
  if (same) co_return absl::OkStatus();
  guess.Wrong();
  co_return InvalidField("request_id",
                         "was used before for a request with other content",
                         Reason::kRequestIdReused);
}

Task<absl::StatusOr<Credentials>> Accounts::Identify(LoginAttempt& attempt) {
  std::string handle = attempt.handle;
  CO_ASSIGN_OR_RETURN(LoginThrottle::Guess guess,
                      co_await throttle_.Login(std::move(handle),
                                               attempt.network, clock_.Now()));
  const absl::StatusOr<Credentials> user =
      co_await FindCredentials(attempt.handle);
  if (!user.ok() && !absl::IsNotFound(user.status())) co_return user.status();
  // A user without a password must take as long as one who does not exist.
  const bool checkable = user.ok() && user->password_hash != auth::kNoPassword;
  std::string phc = checkable ? user->password_hash : auth::UnknownUserHash();
  CO_ASSIGN_OR_RETURN(const bool right, co_await passwords_.Verify(
                                            std::move(attempt.password),
                                            std::move(phc), attempt.deadline));
  if (!right || !user.ok()) {
    guess.Wrong();
    co_return WrongLogin();
  }
  guess.Right();
  co_return *user;
}

}  // namespace pinhole::domain
