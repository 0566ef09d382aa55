// SPDX-License-Identifier: Apache-2.0

#include "server/domain/imports.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/errors.h"
#include "base/status_macros.h"
#include "server/auth/password.h"
#include "server/auth/token.h"
#include "server/model/limits.h"

namespace pinhole::domain {
namespace {

absl::Status NotAllowed() {
  return MakeError(
      Reason::kImportDisabled,
      "imports are disabled on this server; the operator of a test server "
      "can enable them with --allow-import");
}

// Executes the commands slice by slice.  A slice is as many commands as the
// writer commits together, so that other writes wait for at most one slice.
// The deadline is checked here and not passed to the writer, which would take a
// slice for overload and refuse the rest of it.
template <typename C>
Task<absl::StatusOr<Store::Results<C>>> ExecuteInSlices(Store& store,
                                                        const Clock& clock,
                                                        std::vector<C> commands,
                                                        absl::Time deadline) {
  constexpr std::size_t kSlice = 256;
  Store::Results<C> results;
  for (std::size_t begin = 0; begin < commands.size(); begin += kSlice) {
    if (clock.Now() >= deadline) {
      co_return MakeError(
          Reason::kDeadlineExceeded,
          "the deadline passed during the import; repeat the import to "
          "complete it");
    }
    const std::size_t end = std::min(begin + kSlice, commands.size());
    std::vector<C> slice(std::make_move_iterator(commands.data() + begin),
                         std::make_move_iterator(commands.data() + end));
    Store::Results<C> some = co_await store.ExecuteAll(std::move(slice));
    std::move(some.begin(), some.end(), std::back_inserter(results));
  }
  co_return results;
}

}  // namespace

Imports::Imports(Store& store, Passwords& passwords, const Clock& clock,
                 Options options)
    : store_(store), clock_(clock), passwords_(passwords), options_(options) {}

Task<absl::StatusOr<std::vector<ImportedUser>>> Imports::Run(Import import) {
  if (!options_.allowed) co_return NotAllowed();
  CO_ASSIGN_OR_RETURN(People people, co_await Find(std::move(import.users)));
  CO_RETURN_IF_ERROR(co_await CreateMissing(import, people));
  if (import.with_sessions) {
    CO_RETURN_IF_ERROR(co_await BeginSessions(import, people));
  }
  std::vector<ImportedUser> imported;
  imported.reserve(people.size());
  for (Person& person : people) {
    imported.push_back({.handle = std::move(person.user.handle),
                        .created = person.created,
                        .token = std::move(person.token)});
  }
  co_return imported;
}

Task<absl::StatusOr<Imports::People>> Imports::Find(
    std::vector<UserToImport> users) {
  auto find = [&users](const StoreReader& reader) -> absl::StatusOr<People> {
    People people;
    people.reserve(users.size());
    for (const UserToImport& user : users) {
      absl::StatusOr<Credentials> found = reader.FindCredentials(user.handle);
      if (!found.ok() && !absl::IsNotFound(found.status())) {
        return std::move(found).status();
      }
      Person& person = people.emplace_back(Person{.user = user});
      if (found.ok()) person.credentials = *std::move(found);
    }
    return people;
  };
  absl::StatusOr<People> people = co_await store_.Scan(std::move(find));
  co_return people;
}

Task<absl::Status> Imports::CreateMissing(const Import& import,
                                          People& people) {
  std::vector<Person*> missing;
  for (Person& person : people) {
    if (!person.credentials) missing.push_back(&person);
  }
  if (missing.empty()) co_return absl::OkStatus();
  std::string hash = auth::kNoPassword;
  if (!import.password.empty()) {
    CO_ASSIGN_OR_RETURN(
        hash, co_await passwords_.Hash(import.password, import.deadline));
  }
  std::vector<CreateUser> commands;
  commands.reserve(missing.size());
  for (const Person* person : missing) {
    commands.push_back(CreateUser{.handle = person->user.handle,
                                  .display_name = person->user.display_name,
                                  .password_hash = hash,
                                  .request = {}});
  }
  CO_ASSIGN_OR_RETURN(
      const Store::Results<CreateUser> made,
      co_await ExecuteInSlices(store_, clock_, std::move(commands),
                               import.deadline));
  for (std::size_t i = 0; i < missing.size(); ++i) {
    Person& person = *missing[i];
    if (made[i].ok()) {
      person.created = true;
      person.credentials = Credentials{
          .id = made[i]->id, .handle = made[i]->handle, .password_hash = hash};
    } else if (absl::IsAlreadyExists(made[i].status())) {
      // Registered since the lookup, or reserved since the account was deleted.
      auto find = [&person](const StoreReader& reader) {
        return reader.FindCredentials(person.user.handle);
      };
      auto found = co_await store_.Look(std::move(find));
      if (absl::IsNotFound(found.status())) co_return made[i].status();
      CO_ASSIGN_OR_RETURN(person.credentials, std::move(found));
    } else {
      co_return made[i].status();
    }
  }
  co_return absl::OkStatus();
}

Task<absl::Status> Imports::BeginSessions(const Import& import,
                                          People& people) {
  std::vector<Person*> entitled;
  std::map<std::string, bool> fits;
  for (Person& person : people) {
    CO_ASSIGN_OR_RETURN(const bool may,
                        co_await MayActAs(import, person, fits));
    if (may) entitled.push_back(&person);
  }
  const absl::Time end = clock_.Now() + limits::kSessionIdle;
  std::vector<CreateSession> commands;
  commands.reserve(entitled.size());
  for (Person* person : entitled) {
    person->token = auth::NewToken();
    commands.push_back(
        CreateSession{.user = person->credentials->id,
                      .token_hash = auth::HashToken(person->token),
                      .expire_time = end,
                      .password_hash = person->credentials->password_hash,
                      .request = {}});
  }
  CO_ASSIGN_OR_RETURN(
      const Store::Results<CreateSession> begun,
      co_await ExecuteInSlices(store_, clock_, std::move(commands),
                               import.deadline));
  for (std::size_t i = 0; i < entitled.size(); ++i) {
    if (begun[i].ok()) continue;
    // The password was changed or the user deleted since the lookup.
    if (!absl::IsAborted(begun[i].status()) &&
        !absl::IsNotFound(begun[i].status())) {
      co_return begun[i].status();
    }
    entitled[i]->token.clear();
  }
  co_return absl::OkStatus();
}

Task<absl::StatusOr<bool>> Imports::MayActAs(
    const Import& import, const Person& person,
    std::map<std::string, bool>& fits) {
  const std::string& hash = person.credentials->password_hash;
  if (person.created || hash == auth::kNoPassword) co_return true;
  if (import.password.empty()) co_return false;
  const auto known = fits.find(hash);
  if (known != fits.end()) co_return known->second;
  CO_ASSIGN_OR_RETURN(
      const bool right,
      co_await passwords_.Verify(import.password, hash, import.deadline));
  fits.emplace(hash, right);
  co_return right;
}

}  // namespace pinhole::domain
