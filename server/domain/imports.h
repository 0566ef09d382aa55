// SPDX-License-Identifier: Apache-2.0

// Imports: many users at once, for a server that is to be measured.
//
// An import gives away sessions, so it must not become a way to act as somebody
// else.  Who is made gets one, having had no owner before.  Who exists gets one
// only on the two grounds that need no trust in the administrator: the password
// fits, as when signing in, or there is none, so that nobody else has ever had
// a way in (`auth::kNoPassword` is set by imports only and a password cannot be
// set without the old one).

#ifndef PINHOLE_SERVER_DOMAIN_IMPORTS_H_
#define PINHOLE_SERVER_DOMAIN_IMPORTS_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/async/task.h"
#include "base/async/thread_pool.h"
#include "base/clock.h"
#include "server/domain/passwords.h"
#include "server/model/user.h"
#include "server/store/store.h"

namespace pinhole::domain {

struct UserToImport {
  std::string handle;
  std::string display_name;
};

// Who is to exist; no handle comes twice.
struct Import {
  std::vector<UserToImport> users;
  std::string password;  // Of all that are made; none if empty.
  bool with_sessions = false;
  absl::Time deadline =
      absl::InfiniteFuture();  // Of the change, as an actor's.
};

struct ImportedUser {
  std::string handle;
  bool created = false;  // Else they existed.
  std::string token;     // Of a new session; empty if there is none.
};

// Thread-safe.  Texts have been through text.h; handles are normalized.
class Imports {
 public:
  struct Options {
    bool allowed = false;  // By the operator.
  };

  // All references must outlive this object.  What takes long, but for
  // hashing, runs on `read_pool`.
  Imports(Store& store, Passwords& passwords, ThreadPool& read_pool,
          const Clock& clock, Options options);

  // Makes those who do not exist and answers for each, in the same order.
  // Whoever calls is an administrator: the services see to it.
  // Errors: FAILED_PRECONDITION (not allowed), those of `Passwords` and of the
  // store; then some may have been made.
  Task<absl::StatusOr<std::vector<ImportedUser>>> Run(Import import);

 private:
  // What is known of one user; no credentials if they do not exist.
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
  // Whether the import shows a right to act as the person.  `fits` remembers
  // which hashes the password has: those made together share one.
  Task<absl::StatusOr<bool>> MayActAs(const Import& import,
                                      const Person& person,
                                      std::map<std::string, bool>& fits);

  Store& store_;
  ThreadPool& read_pool_;
  const Clock& clock_;
  Passwords& passwords_;
  const Options options_;
};

}  // namespace pinhole::domain

#endif  // PINHOLE_SERVER_DOMAIN_IMPORTS_H_
