// SPDX-License-Identifier: Apache-2.0

// User accounts, sign-in and sessions.

#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/async/task.h"
#include "base/clock.h"
#include "server/domain/actor.h"
#include "server/domain/caller.h"
#include "server/domain/garbage.h"
#include "server/domain/login_throttle.h"
#include "server/domain/passwords.h"
#include "server/model/ids.h"
#include "server/model/user.h"
#include "server/store/store.h"

namespace pinhole::domain {

// Whether anyone may register an account, or nobody.
enum class Registration { kOpen, kClosed };

struct NewUser {
  std::string handle;
  std::string display_name;
  std::string password;
  RequestKey request;
  absl::Time deadline = absl::InfiniteFuture();  // Of the change, as in Actor.
};

struct UserChanges {
  std::optional<std::string> display_name;
  std::optional<std::string> bio;
};

struct LoginAttempt {
  std::string handle;
  std::string password;
  std::string request_id;  // Empty if the login will not be repeated.
  RequestKey request;      // Derived from `request_id`.
  absl::Time deadline = absl::InfiniteFuture();  // Of the change, as in Actor.
  Network network = {};  // The network that the client calls from.
};

struct Login {
  Session session;
  std::string token;
};

// Login results and password hashing costs, for metrics.
struct AccountStats {
  std::int64_t logins_ok = 0;
  std::int64_t logins_bad_credentials = 0;
  std::int64_t logins_limited = 0;  // Not checked: too many logins at once.
  // Not checked: too many wrong passwords before.
  std::int64_t logins_locked = 0;
  std::int64_t logins_failed = 0;  // Any other error.
  PasswordStats passwords;
};

// Thread-safe.  Texts must be normalized by text.h, handles included. A user
// hidden from the actor is NOT_FOUND.  Operations that hash a password return
// RESOURCE_EXHAUSTED with a retry delay if too many hashes are requested at
// once; those that check a password also do so after too many wrong ones.
class Accounts {
 public:
  // All arguments must outlive this object.
  Accounts(Store& store, Garbage& garbage, Passwords& passwords,
           LoginThrottle& throttle, const Clock& clock,
           Registration registration = Registration::kOpen);

  Registration registration() const { return registration_; }

  // A repeated request returns the first user. Errors: PERMISSION_DENIED with
  // reason REGISTRATION_CLOSED, ALREADY_EXISTS (handle), INVALID_ARGUMENT (the
  // request key was used with other content, or the password differs from the
  // user's current one).
  Task<absl::StatusOr<User>> Register(NewUser user);

  // Starts a session.  Takes equally long for unknown and known handles. A
  // repeated attempt returns the first session and its token. Errors:
  // UNAUTHENTICATED (wrong handle or password), FAILED_PRECONDITION (the first
  // attempt's session has ended since).
  Task<absl::StatusOr<Login>> LogIn(LoginAttempt attempt);

  // Returns the user and session of `token`, which must outlive the task.
  // Extends the session, at most once an hour.  Errors: UNAUTHENTICATED.
  Task<absl::StatusOr<Caller>> Authenticate(std::string_view token);

  // Errors: NOT_FOUND.
  Task<absl::StatusOr<User>> FindUser(UserId viewer, std::string handle);

  // Errors: NOT_FOUND, PERMISSION_DENIED (not the actor's own account).
  Task<absl::StatusOr<User>> UpdateUser(Actor actor, std::string handle,
                                        UserChanges changes);

  // Deletes the account, everything in it, and the files of its photos.
  // Administrators may delete any account; returns the audit record if it was
  // not the actor's own.  `password` is the actor's. Errors: NOT_FOUND,
  // PERMISSION_DENIED (neither the actor's own account nor an administrator;
  // wrong password).
  Task<absl::StatusOr<std::optional<Removal>>> DeleteUser(Actor actor,
                                                          std::string handle,
                                                          std::string password);

  // Returns the users whose handles start with `prefix`, in order of handle,
  // starting after the handle `after`.
  Task<absl::StatusOr<std::vector<User>>> SearchUsers(UserId viewer,
                                                      std::string prefix,
                                                      std::string after,
                                                      int limit);

  // Ends all sessions except `keep`. Errors: NOT_FOUND, PERMISSION_DENIED (not
  // the actor's own account; wrong password).
  Task<absl::Status> ChangePassword(Actor actor, SessionId keep,
                                    std::string handle,
                                    std::string old_password,
                                    std::string new_password);

  // Newest first.  Errors: NOT_FOUND, PERMISSION_DENIED (not the actor's own
  // account).
  Task<absl::StatusOr<Page<Session>>> ListSessions(UserId actor,
                                                   std::string handle,
                                                   PageRequest page);

  // Errors: NOT_FOUND (the actor has no such session).
  Task<absl::Status> DeleteSession(Actor actor, std::string handle,
                                   SessionId session);

  // Does not read the database.
  AccountStats Stats() const;

 private:
  Task<absl::StatusOr<Login>> Begin(LoginAttempt attempt);
  Task<absl::Status> RequireSelf(UserId actor, std::string handle);
  // As the store does.
  Task<absl::StatusOr<Credentials>> FindCredentials(UserId user);
  Task<absl::StatusOr<Credentials>> FindCredentials(std::string handle);
  // Errors: NOT_FOUND, PERMISSION_DENIED.
  Task<absl::StatusOr<UserId>> FindUserToDelete(UserId actor,
                                                std::string handle);
  Task<absl::Status> CheckPassword(Actor actor, std::string password);
  // Checks that the user created or found by a request has its password. `hash`
  // has just been made from `password`, so a new user has exactly this hash.
  // Errors: INVALID_ARGUMENT.
  Task<absl::Status> CheckRepetition(UserId user, std::string hash,
                                     std::string password, absl::Time deadline);
  // Uses the handle, password, deadline and network of `attempt`.
  Task<absl::StatusOr<Credentials>> Identify(LoginAttempt& attempt);

  Store& store_;
  Garbage& garbage_;
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
