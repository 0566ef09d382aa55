// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "absl/status/statusor.h"
#include "base/async/task.h"
#include "google/protobuf/empty.pb.h"
#include "pinhole/v1/user_service.pb.h"
#include "server/domain/accounts.h"
#include "server/domain/text/token_signer.h"
#include "server/rpc/account_creation_limit.h"
#include "server/rpc/call.h"
#include "server/rpc/registry.h"

namespace pinhole::rpc {

// Answers pinhole.v1.UserService.  Thread-safe.
class UserService {
 public:
  // `accounts` and `signer` must outlive this object.  One address can create
  // `address_accounts` accounts per hour (account_creation_limit.h).
  UserService(domain::Accounts& accounts, const domain::TokenSigner& signer,
              double address_accounts);

  // Adds the handlers, which refer to this object.
  void AddTo(Registry& registry);

 private:
  template <typename T>
  using Answer = Task<absl::StatusOr<T>>;

  Answer<v1::User> CreateUser(Call&, const v1::CreateUserRequest&);
  Answer<v1::User> GetUser(Call&, const v1::GetUserRequest&);
  Answer<v1::User> UpdateUser(Call&, const v1::UpdateUserRequest&);
  Answer<google::protobuf::Empty> DeleteUser(Call&,
                                             const v1::DeleteUserRequest&);
  Answer<v1::SearchUsersResponse> SearchUsers(Call&,
                                              const v1::SearchUsersRequest&);
  Answer<v1::ChangePasswordResponse> ChangePassword(
      Call&, const v1::ChangePasswordRequest&);
  Answer<v1::Session> CreateSession(Call&, const v1::CreateSessionRequest&);
  Answer<google::protobuf::Empty> DeleteSession(
      Call&, const v1::DeleteSessionRequest&);

  domain::Accounts& accounts_;
  const domain::TokenSigner& signer_;
  AccountCreationLimit new_accounts_;
};

}  // namespace pinhole::rpc
