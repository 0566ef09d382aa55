// SPDX-License-Identifier: Apache-2.0

#include "gateway/services.h"

#include <memory>

#include "pinhole/v1/admin_service.pb.h"
#include "pinhole/v1/descriptors.h"
#include "pinhole/v1/photo_service.pb.h"
#include "pinhole/v1/social_service.pb.h"
#include "pinhole/v1/user_service.pb.h"

namespace pinhole::gateway {

// Naming a message of each file also keeps the linker from dropping the file.
std::vector<std::string> Services() {
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

ApiInfo Describe() {
  return {.title = "Pinhole",
          .version = PINHOLE_VERSION,
          .descriptors = v1::Descriptors()};
}

SignInQuestion AskWhoCalls() {
  v1::GetUserRequest request;
  request.set_name("users/me");
  const auto* service =
      v1::User::descriptor()->file()->FindServiceByName("UserService");
  return {.method = service->FindMethodByName("GetUser"),
          .request = std::make_shared<v1::GetUserRequest>(request)};
}

}  // namespace pinhole::gateway
