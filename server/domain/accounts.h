// SPDX-License-Identifier: Apache-2.0

// Accounts: who people are, and how the server knows that it is they.

#ifndef PINHOLE_SERVER_DOMAIN_ACCOUNTS_H_
#define PINHOLE_SERVER_DOMAIN_ACCOUNTS_H_

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/async/task.h"
#include "base/async/thread_pool.h"
#include "base/clock.h"
#include "server/domain/actor.h"
#include "server/domain/garbage.h"
#include "server/domain/login_throttle.h"
#include "server/domain/passwords.h"
#include "server/model/ids.h"
#include "server/model/user.h"
#include "server/store/store.h"

namespace pinhole::domain {

// Who may register: anybody, or nobody.
enum class Registration { kOpen, kClosed };

struct NewUser {
  std::string handle;
  std::string display_name;
  std::string password;
  RequestKey request;
  absl::Time deadline =
      absl::InfiniteFuture();  // Of the change, as an actor's.
};

struct UserChanges {
  std::optional<std::string> display_name;
  std::optional<std::string> bio;
};

struct LoginAttempt {
  std::string handle;
  std::string password;
  std::string request_id;  // Empty if the login is not to be repeated.
  RequestKey request;      // Of `request_id`.
  absl::Time deadline =
      absl::InfiniteFuture();  // Of the change, as an actor's.
  Network network = {};        // Where it comes from.
};

struct Login {
  Session session;
  std::string token;
};

// How logins went and what passwords have cost, for metrics.
struct AccountStats {
  std::int64_t logins_ok = 0;
  std::int64_t logins_bad_credentials = 0;
  std::int64_t logins_limited = 0;  // Not looked at: too many at once.
  std::int64_t logins_locked = 0;   // Not looked at: too many wrong before.
  std::int64_t logins_failed = 0;   // For any other reason.
  PasswordStats passwords;
};

// Whom a session token stands for.
struct SignedIn {
  UserId user;
  SessionId session;
  std::string handle;
  bool administrator = false;
};

// Thread-safe.  Texts have been through text.h; handles are normalized.
// A user hidden from the actor is NOT_FOUND.  What needs a password hash is
// RESOURCE_EXHAUSTED with a retry delay when too many hashes are wanted at
// once; what checks a password also when too many were wrong.
class Accounts {
 public:
  // All arguments must outlive this object.  Lists are read on `read_pool`.
  Accounts(Store& store, Garbage& garbage, Passwords& passwords,
           LoginThrottle& throttle, ThreadPool& read_pool, const Clock& clock,
           Registration registration = Registration::kOpen);

  Registration registration() const { return registration_; }

  // Repeating a request returns the first user.
  // Errors: PERMISSION_DENIED with reason REGISTRATION_CLOSED,
  // ALREADY_EXISTS (handle), INVALID_ARGUMENT (the request is known
  // with other content, or the password is not the user's now).
  Task<absl::StatusOr<User>> Register(NewUser user);

  // Begins a session.  Takes as long for an unknown handle as for a known one.
  // Repeating an attempt returns the first session and its token.
  // Errors: UNAUTHENTICATED (not that handle and password),
  // FAILED_PRECONDITION (the first attempt's session has ended meanwhile).
  Task<absl::StatusOr<Login>> LogIn(LoginAttempt attempt);

  // Whose `token` is.  Counts as use of the session: moves its end, at most
  // once an hour.  Errors: UNAUTHENTICATED.
  absl::StatusOr<SignedIn> Authenticate(std::string_view token);

  // Errors: NOT_FOUND.
  absl::StatusOr<User> FindUser(UserId viewer, std::string_view handle) const;

  // Errors: NOT_FOUND, PERMISSION_DENIED (not the actor's own).
  Task<absl::StatusOr<User>> UpdateUser(Actor actor, std::string handle,
                                        UserChanges changes);

  // Removes the account, everything in it, and the bytes of its photos.
  // Administrators may remove any account; returns what was recorded if it was
  // not the actor's own.  `password` is the actor's.
  // Errors: NOT_FOUND, PERMISSION_DENIED (neither the actor's own, nor is the
  // actor an administrator; wrong password).
  Task<absl::StatusOr<std::optional<Removal>>> DeleteUser(Actor actor,
                                                          std::string handle,
                                                          std::string password);

  // Users whose handle begins with `prefix`, by handle, from after the handle
  // `after`.
  Task<absl::StatusOr<std::vector<User>>> SearchUsers(UserId viewer,
                                                      std::string prefix,
                                                      std::string after,
                                                      int limit);

  // Ends all sessions but `keep`.
  // Errors: NOT_FOUND, PERMISSION_DENIED (not the actor's own; wrong password).
  Task<absl::Status> ChangePassword(Actor actor, SessionId keep,
                                    std::string handle,
                                    std::string old_password,
                                    std::string new_password);

  // Newest first.  Errors: NOT_FOUND, PERMISSION_DENIED (not the actor's own).
  Task<absl::StatusOr<Page<Session>>> ListSessions(UserId actor,
                                                   std::string handle,
                                                   PageRequest page);

  // Errors: NOT_FOUND (the actor has no such session).
  Task<absl::Status> DeleteSession(Actor actor, std::string handle,
                                   SessionId session);

  // Cheap: counted as it happens.
  AccountStats Stats() const;

 private:
  Task<absl::StatusOr<Login>> Begin(LoginAttempt attempt);
  absl::Status RequireSelf(UserId actor, std::string_view handle) const;
  // Errors: NOT_FOUND, PERMISSION_DENIED.
  absl::StatusOr<UserId> FindUserToDelete(UserId actor,
                                          std::string_view handle) const;
  Task<absl::Status> CheckPassword(Actor actor, std::string password);
  // Whether the user that a request made or repeated has its password: `hash`
  // was made of `password` just now, so that a new user has exactly that.
  // Errors: INVALID_ARGUMENT.
  Task<absl::Status> CheckRepetition(UserId user, std::string hash,
                                     std::string password, absl::Time deadline);
  // Takes from `attempt` handle, password, deadline and network.
  Task<absl::StatusOr<Credentials>> Identify(LoginAttempt& attempt);

  Store& store_;
  Garbage& garbage_;
  ThreadPool& read_pool_;
  const Clock& clock_;
  Passwords& passwords_;
  LoginThrottle& throttle_;
  const Registration registration_;
  std::atomic<std::int64_t> logins_ok_{0};
  std::atomic<std::int64_t> logins_bad_credentials_{0};
  std::atomic<std::int64_t> logins_limited_{0};
  std::atomic<std::int64_t> logins_locked_{0};
  std::atomic<std::int64_t> logins_failed_{0};
};

}  // namespace pinhole::domain

#endif  // PINHOLE_SERVER_DOMAIN_ACCOUNTS_H_
