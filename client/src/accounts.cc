// SPDX-License-Identifier: Apache-2.0

#include <utility>

#include "client/src/pages.h"
#include "pinhole/client.h"

namespace pinhole::client {

using Users = v1::UserService::Stub;

Client::Client(const std::string& target, Options options)
    : connection_(target, options) {}

void Client::set_token(std::string token) {
  connection_.set_token(std::move(token));
}

absl::StatusOr<v1::User> Client::Register(const std::string& handle,
                                          const std::string& password,
                                          const std::string& display_name) {
  v1::CreateUserRequest request;
  request.set_handle(handle);
  request.set_password(password);
  request.set_display_name(display_name);
  return connection_.Call(&Users::CreateUser, request);
}

absl::StatusOr<v1::Session> Client::Login(const std::string& handle,
                                          const std::string& password) {
  v1::CreateSessionRequest request;
  request.set_handle(handle);
  request.set_password(password);
  // The server would refuse the call if an old token were no longer valid.
  connection_.set_token("");
  auto session = connection_.Call(&Users::CreateSession, request);
  if (session.ok()) connection_.set_token(session->token());
  return session;
}

absl::Status Client::Logout() {
  const auto status = DeleteSession("users/me/sessions/current");
  connection_.set_token("");
  return status;
}

Listing<v1::Session> Client::Sessions() const {
  v1::ListSessionsRequest request;
  request.set_parent("users/me");
  return ListingOf<v1::Session>(
      connection_, &Users::ListSessions, request,
      [](auto& page) { return page.mutable_sessions(); });
}

absl::Status Client::DeleteSession(const std::string& session) const {
  v1::DeleteSessionRequest request;
  request.set_name(session);
  return connection_
      .Call(&Users::DeleteSession, request, Repeat::kOnlyIfRefused)
      .status();
}

absl::StatusOr<v1::User> Client::GetUser(const std::string& user) const {
  const auto name = UserName(user);
  if (!name.ok()) return name.status();
  v1::GetUserRequest request;
  request.set_name(*name);
  return connection_.Call(&Users::GetUser, request);
}

absl::StatusOr<v1::User> Client::UpdateUser(const UserChanges& changes) const {
  v1::UpdateUserRequest request;
  request.mutable_user()->set_name("users/me");
  if (changes.display_name) {
    request.mutable_user()->set_display_name(*changes.display_name);
    request.mutable_update_mask()->add_paths("display_name");
  }
  if (changes.bio) {
    request.mutable_user()->set_bio(*changes.bio);
    request.mutable_update_mask()->add_paths("bio");
  }
  return connection_.Call(&Users::UpdateUser, request);
}

Listing<v1::User> Client::SearchUsers(const std::string& prefix) const {
  v1::SearchUsersRequest request;
  request.set_query(prefix);
  return ListingOf<v1::User>(connection_, &Users::SearchUsers, request,
                             [](auto& page) { return page.mutable_users(); });
}

absl::Status Client::ChangePassword(const std::string& old_password,
                                    const std::string& new_password) const {
  v1::ChangePasswordRequest request;
  request.set_name("users/me");
  request.set_old_password(old_password);
  request.set_new_password(new_password);
  return connection_
      .Call(&Users::ChangePassword, request, Repeat::kOnlyIfRefused)
      .status();
}

absl::Status Client::DeleteAccount(const std::string& password) const {
  return DeleteUser("me", password);
}

absl::Status Client::DeleteUser(const std::string& user,
                                const std::string& password) const {
  const auto name = UserName(user);
  if (!name.ok()) return name.status();
  v1::DeleteUserRequest request;
  request.set_name(*name);
  request.set_password(password);
  return connection_.Call(&Users::DeleteUser, request, Repeat::kOnlyIfRefused)
      .status();
}

}  // namespace pinhole::client
