// SPDX-License-Identifier: Apache-2.0

// Imports create many users at once, for load tests.
//
// An import hands out sessions, so it must not let an administrator act as
// somebody else.  A new user gets a session, since the account had no owner
// before.  An existing user gets one only if the given password is correct, as
// in a login, or if the account has no password, so that nobody else has ever
// been able to sign in (`auth::kNoPassword` is set by imports only, and setting
// a password requires the old one).

#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/async/task.h"
#include "base/clock.h"
#include "server/domain/passwords.h"
#include "server/model/user.h"
#include "server/store/store.h"

namespace pinhole::domain {

struct UserToImport {
  std::string handle;
  std::string display_name;
};

// The users to create; every handle is listed once.
struct Import {
  std::vector<UserToImport> users;
  std::string password;  // Of all new users; empty: they have none.
  bool with_sessions = false;
  absl::Time deadline = absl::InfiniteFuture();  // Of the change, as in Actor.
};

struct ImportedUser {
  std::string handle;
  bool created = false;  // False: the user existed.
  std::string token;     // Of a new session; empty: none was started.
};

// Thread-safe.  Texts must be normalized by text.h, handles included.
class Imports {
 public:
  struct Options {
    bool allowed = false;  // Set by the operator.
  };

  // All references must outlive this object.
  Imports(Store& store, Passwords& passwords, const Clock& clock,
          Options options);

  // Creates the users that do not exist and returns a result for each, in the
  // same order. The caller must be an administrator; the RPC layer checks that.
  // Errors: FAILED_PRECONDITION (not allowed), those of `Passwords` and of the
  // store; some users may have been created then.
  Task<absl::StatusOr<std::vector<ImportedUser>>> Run(Import import);

 private:
  // An entry and the credentials of its user, if the user exists.
  struct Person {
    UserToImport user;
    std::optional<Credentials> credentials = {};
    bool created = false;
    std::string token = {};
  };
  using People = std::vector<Person>;

  Task<absl::StatusOr<People>> Find(std::vector<UserToImport> users);
  Task<absl::Status> CreateMissing(const Import& import, People& people);
  Task<absl::Status> BeginSessions(const Import& import, People& people);
  // Whether the import proves a right to act as the person.  `fits` caches the
  // results by hash, since users imported together share one.
  Task<absl::StatusOr<bool>> MayActAs(const Import& import,
                                      const Person& person,
                                      std::map<std::string, bool>& fits);

  Store& store_;
  const Clock& clock_;
  Passwords& passwords_;
  const Options options_;
};

}  // namespace pinhole::domain
