// SPDX-License-Identifier: Apache-2.0

#include "gateway/services.h"

#include <memory>
#include <utility>

#include "pinhole/v1/admin_service.pb.h"
#include "pinhole/v1/descriptors.h"
#include "pinhole/v1/photo_service.pb.h"
#include "pinhole/v1/social_service.pb.h"
#include "pinhole/v1/user_service.pb.h"

namespace pinhole::gateway {

namespace {

constexpr char kSignIn[] =
    "Methods that need a token say so. To get one:\n\n"
    "1. Register once with `POST /v1/users`: choose a handle and a password.\n"
    "2. Create a session with `POST /v1/sessions` and the same handle and "
    "password. The response contains the `token`.\n"
    "3. Send the token with each call, in the header `Authorization: Bearer "
    "TOKEN`.\n\n"
    "A session ends when it is deleted (`DELETE "
    "/v1/users/{user}/sessions/{session}`, where `users/me/sessions/current` "
    "is the session of the token), when the password is changed elsewhere, or "
    "when it expires.";

}  // namespace

// Naming a message of each file keeps the linker from dropping the file.
std::vector<std::string> ServiceNames() {
  std::vector<std::string> names;
  for (const auto* type :
       {v1::User::descriptor(), v1::Photo::descriptor(),
        v1::Comment::descriptor(), v1::ServerInfo::descriptor()}) {
    const auto& file = *type->file();
    for (int i = 0; i < file.service_count(); ++i) {
      names.push_back(file.service(i)->full_name());
    }
  }
  return names;
}

ApiInfo DescribeApi(std::string version) {
  return {.title = "Pinhole",
          .version = std::move(version),
          .descriptors = v1::Descriptors(),
          .sign_in = kSignIn};
}

TokenCheck MakeTokenCheck() {
  v1::GetUserRequest request;
  request.set_name("users/me");
  const auto* service =
      v1::User::descriptor()->file()->FindServiceByName("UserService");
  return {.method = service->FindMethodByName("GetUser"),
          .request = std::make_shared<v1::GetUserRequest>(request)};
}

}  // namespace pinhole::gateway
