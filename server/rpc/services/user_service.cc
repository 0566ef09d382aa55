// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/services/user_service.h"

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/domain/text/text.h"
#include "server/rpc/services/convert.h"
#include "server/rpc/services/paging.h"
#include "server/rpc/services/removal_log.h"
#include "server/rpc/services/resource_name.h"
#include "server/rpc/services/service_handlers.h"
#include "server/rpc/services/validate.h"

namespace pinhole::rpc {
namespace {

using ::google::protobuf::Empty;

// The password is not part of the fingerprint (domain/request_key.h); for a
// repeated request it is compared with the user's hash (domain/accounts.cc).
absl::StatusOr<domain::NewUser> FromProto(const v1::CreateUserRequest& proto) {
  domain::NewUser user;
  ASSIGN_OR_RETURN(user.handle,
                   domain::NormalizeHandle("handle", proto.handle()));
  ASSIGN_OR_RETURN(
      user.display_name,
      domain::NormalizeDisplayName("display_name", proto.display_name()));
  RETURN_IF_ERROR(domain::CheckNewPassword("password", proto.password()));
  user.password = proto.password();
  ASSIGN_OR_RETURN(
      user.request,
      ParseRequestKey("request_id", proto.request_id(), "CreateUser",
                      user.handle,
                      fmt::format("{}\n{}", user.handle, user.display_name)));
  return user;
}

absl::StatusOr<domain::LoginAttempt> FromProto(
    const v1::CreateSessionRequest& proto) {
  RETURN_IF_ERROR(RequireText("handle", proto.handle()));
  RETURN_IF_ERROR(RequireText("password", proto.password()));
  domain::LoginAttempt attempt;
  // An invalid handle gets the same answer as an unknown one.
  attempt.handle =
      domain::NormalizeHandle("handle", proto.handle()).value_or(std::string());
  attempt.password = proto.password();
  ASSIGN_OR_RETURN(attempt.request_id,
                   NormalizeRequestId("request_id", proto.request_id()));
  ASSIGN_OR_RETURN(
      attempt.request,
      ParseRequestKey("request_id", proto.request_id(), "CreateSession",
                      attempt.handle, attempt.handle));
  return attempt;
}

absl::StatusOr<domain::UserChanges> FromProto(
    const v1::UpdateUserRequest& proto) {
  ASSIGN_OR_RETURN(const std::set<std::string> paths,
                   PathsToUpdate(proto.update_mask(), proto.user(),
                                 {"display_name", "bio"}));
  domain::UserChanges changes;
  if (paths.contains("display_name")) {
    ASSIGN_OR_RETURN(changes.display_name,
                     domain::NormalizeDisplayName("user.display_name",
                                                  proto.user().display_name()));
  }
  if (paths.contains("bio")) {
    ASSIGN_OR_RETURN(changes.bio,
                     domain::NormalizeBio("user.bio", proto.user().bio()));
  }
  return changes;
}

}  // namespace

UserService::UserService(domain::Accounts& accounts,
                         const domain::TokenSigner& signer,
                         double address_accounts)
    : accounts_(accounts), signer_(signer), new_accounts_(address_accounts) {}

void UserService::AddTo(Registry& registry) {
  ServiceHandlers handlers(registry, "pinhole.v1.UserService");
  handlers.Add("CreateUser", *this, &UserService::CreateUser);
  handlers.Add("GetUser", *this, &UserService::GetUser);
  handlers.Add("UpdateUser", *this, &UserService::UpdateUser);
  handlers.Add("DeleteUser", *this, &UserService::DeleteUser);
  handlers.Add("SearchUsers", *this, &UserService::SearchUsers);
  handlers.Add("ChangePassword", *this, &UserService::ChangePassword);
  handlers.Add("CreateSession", *this, &UserService::CreateSession);
  handlers.AddList<v1::ListSessionsRequest>(
      "ListSessions", signer_, accounts_, &domain::Accounts::ListSessions,
      &v1::ListSessionsResponse::mutable_sessions);
  handlers.Add("DeleteSession", *this, &UserService::DeleteSession);
}

Task<absl::StatusOr<v1::User>> UserService::CreateUser(
    Call& call, const v1::CreateUserRequest& request) {
  CO_ASSIGN_OR_RETURN(domain::NewUser user, FromProto(request));
  user.deadline = call.deadline;
  CO_RETURN_IF_ERROR(new_accounts_.Take(call.client, absl::Now()));
  const absl::StatusOr<User> created =
      co_await accounts_.Register(std::move(user));
  if (created.ok()) co_return ToProto(*created);
  new_accounts_.GiveBack(call.client);
  co_return created.status();
}

Task<absl::StatusOr<v1::User>> UserService::GetUser(
    Call& call, const v1::GetUserRequest& request) {
  CO_ASSIGN_OR_RETURN(const std::string handle,
                      ParseUserName("name", request.name(), call.caller));
  CO_ASSIGN_OR_RETURN(const User user,
                      co_await accounts_.FindUser(call.caller.user, handle));
  co_return ToProto(user);
}

Task<absl::StatusOr<v1::User>> UserService::UpdateUser(
    Call& call, const v1::UpdateUserRequest& request) {
  CO_ASSIGN_OR_RETURN(
      std::string handle,
      ParseUserName("user.name", request.user().name(), call.caller));
  CO_ASSIGN_OR_RETURN(domain::UserChanges changes, FromProto(request));
  CO_ASSIGN_OR_RETURN(const User user, co_await accounts_.UpdateUser(
                                           ActorOf(call), std::move(handle),
                                           std::move(changes)));
  co_return ToProto(user);
}

Task<absl::StatusOr<Empty>> UserService::DeleteUser(
    Call& call, const v1::DeleteUserRequest& request) {
  CO_ASSIGN_OR_RETURN(std::string handle,
                      ParseUserName("name", request.name(), call.caller));
  CO_RETURN_IF_ERROR(RequireText("password", request.password()));
  std::string password = request.password();
  CO_ASSIGN_OR_RETURN(
      const std::optional<Removal> removal,
      co_await accounts_.DeleteUser(ActorOf(call), std::move(handle),
                                    std::move(password)));
  LogRemoval(removal);
  co_return Empty();
}

Task<absl::StatusOr<v1::SearchUsersResponse>> UserService::SearchUsers(
    Call& call, const v1::SearchUsersRequest& request) {
  CO_ASSIGN_OR_RETURN(std::string prefix,
                      domain::NormalizeHandlePrefix("query", request.query()));
  CO_ASSIGN_OR_RETURN(TextPageRequest page,
                      ParseTextPage(signer_, call.caller, request));
  const std::size_t limit = page.limit;
  // One more than the page has tells whether there is a next page.
  CO_ASSIGN_OR_RETURN(
      std::vector<User> users,
      co_await accounts_.SearchUsers(call.caller.user, std::move(prefix),
                                     std::move(page.after), page.limit + 1));
  v1::SearchUsersResponse response;
  if (users.size() > limit) {
    users.resize(limit);
    response.set_next_page_token(
        NextTextPageToken(signer_, call.caller, request, users.back().handle));
  }
  for (const User& user : users) *response.add_users() = ToProto(user);
  co_return response;
}

Task<absl::StatusOr<v1::ChangePasswordResponse>> UserService::ChangePassword(
    Call& call, const v1::ChangePasswordRequest& request) {
  CO_ASSIGN_OR_RETURN(std::string handle,
                      ParseUserName("name", request.name(), call.caller));
  CO_RETURN_IF_ERROR(RequireText("old_password", request.old_password()));
  CO_RETURN_IF_ERROR(
      domain::CheckNewPassword("new_password", request.new_password()));
  std::string old_password = request.old_password();
  std::string new_password = request.new_password();
  CO_RETURN_IF_ERROR(co_await accounts_.ChangePassword(
      ActorOf(call), call.caller.session, std::move(handle),
      std::move(old_password), std::move(new_password)));
  co_return v1::ChangePasswordResponse();
}

Task<absl::StatusOr<v1::Session>> UserService::CreateSession(
    Call& call, const v1::CreateSessionRequest& request) {
  CO_ASSIGN_OR_RETURN(domain::LoginAttempt attempt, FromProto(request));
  attempt.deadline = call.deadline;
  if (!call.client.local) attempt.network = call.client.network;
  CO_ASSIGN_OR_RETURN(const domain::Login login,
                      co_await accounts_.LogIn(std::move(attempt)));
  v1::Session session = ToProto(login.session, SessionId());
  session.set_token(login.token);
  co_return session;
}

Task<absl::StatusOr<Empty>> UserService::DeleteSession(
    Call& call, const v1::DeleteSessionRequest& request) {
  CO_ASSIGN_OR_RETURN(SessionName name,
                      ParseSessionName("name", request.name(), call.caller));
  CO_RETURN_IF_ERROR(co_await accounts_.DeleteSession(
      ActorOf(call), std::move(name.handle), name.session));
  co_return Empty();
}

}  // namespace pinhole::rpc
