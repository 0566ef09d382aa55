// SPDX-License-Identifier: Apache-2.0

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "tests/unit/client/fake_state.h"

namespace pinhole::client {
namespace {

using grpc::ServerContext;
using grpc::Status;
using grpc::StatusCode;

}  // namespace

class FakeServer::Users final : public v1::UserService::Service {
 public:
  explicit Users(State& state) : state_(state) {}

  Status CreateUser(ServerContext*, const v1::CreateUserRequest* request,
                    v1::User* response) override {
    return state_.Serve("CreateUser", [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      const auto first =
          state_.FirstResult(request->request_id(), state_.users.size());
      const bool taken = state_.users.contains(request->handle());
      if (taken && first == state_.users.size()) {
        return Status(StatusCode::ALREADY_EXISTS, "the handle is taken");
      }
      v1::User& user = state_.users[request->handle()];
      user.set_name("users/" + request->handle());
      user.set_handle(request->handle());
      user.set_display_name(request->display_name());
      state_.passwords[request->handle()] = request->password();
      *response = user;
      return Status::OK;
    });
  }

  Status CreateSession(ServerContext*, const v1::CreateSessionRequest* request,
                       v1::Session* response) override {
    return state_.Serve("CreateSession", [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      const auto found = state_.passwords.find(request->handle());
      if (found == state_.passwords.end() ||
          found->second != request->password()) {
        return Status(StatusCode::UNAUTHENTICATED, "wrong handle or password");
      }
      const auto token = fmt::format("token-{}", state_.next_token++);
      state_.sessions[token] = "users/" + request->handle();
      response->set_token(token);
      response->set_user("users/" + request->handle());
      return Status::OK;
    });
  }

  Status DeleteSession(ServerContext* context, const v1::DeleteSessionRequest*,
                       google::protobuf::Empty*) override {
    return state_.Serve("DeleteSession", [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      std::string user;
      if (auto status = state_.Caller(*context, user); !status.ok()) {
        return status;
      }
      std::erase_if(state_.sessions,
                    [&](const auto& entry) { return entry.second == user; });
      return Status::OK;
    });
  }

  // Applies the fields of the mask.
  Status UpdateUser(ServerContext* context,
                    const v1::UpdateUserRequest* request,
                    v1::User* response) override {
    return state_.Serve("UpdateUser", [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      std::string name;
      if (auto status = state_.Caller(*context, name); !status.ok()) {
        return status;
      }
      v1::User& user = state_.users[name.substr(6)];
      for (const auto& path : request->update_mask().paths()) {
        if (path == "display_name")
          user.set_display_name(request->user().display_name());
        if (path == "bio") user.set_bio(request->user().bio());
      }
      *response = user;
      return Status::OK;
    });
  }

  Status GetUser(ServerContext* context, const v1::GetUserRequest* request,
                 v1::User* response) override {
    return state_.Serve("GetUser", [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      std::string name = request->name();
      if (name == "users/me") {
        if (auto status = state_.Caller(*context, name); !status.ok()) {
          return status;
        }
      }
      const auto user = state_.users.find(name.substr(6));
      if (user == state_.users.end()) return NoSuchThing();
      *response = user->second;
      return Status::OK;
    });
  }

 private:
  State& state_;
};

std::unique_ptr<grpc::Service> FakeServer::NewUsers(State& state) {
  return std::make_unique<Users>(state);
}

}  // namespace pinhole::client
