// SPDX-License-Identifier: Apache-2.0

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "pinhole/v1/admin_service.grpc.pb.h"
#include "tests/unit/client/fake_state.h"

namespace pinhole::client {
namespace {

using grpc::ServerContext;
using grpc::Status;

}  // namespace

class FakeServer::Admin final : public v1::AdminService::Service {
 public:
  explicit Admin(State& state) : state_(state) {}

  Status GetServerInfo(ServerContext*, const v1::GetServerInfoRequest*,
                       v1::ServerInfo* response) override {
    return state_.Serve("GetServerInfo", [&] {
      response->set_version("0.1.0");
      return Status::OK;
    });
  }

  Status CreateBackup(ServerContext*, const v1::CreateBackupRequest*,
                      v1::Backup* response) override {
    return state_.Serve("CreateBackup", [&] {
      response->set_name("backups/20261124-233742-123");
      response->set_path("/srv/backups/20261124-233742-123");
      response->mutable_duration()->set_nanos(250'000'000);
      response->set_verified(true);
      response->set_photo_count(12);
      return Status::OK;
    });
  }

  Status ImportUsers(ServerContext* context,
                     const v1::ImportUsersRequest* request,
                     v1::ImportUsersResponse* response) override {
    return state_.Serve("ImportUsers", [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      std::string caller;
      if (auto status = state_.Caller(*context, caller); !status.ok()) {
        return status;
      }
      for (const v1::UserToImport& one : request->users()) {
        v1::ImportedUser& imported = *response->add_users();
        imported.set_name("users/" + one.handle());
        imported.set_created(!state_.users.contains(one.handle()));
        if (imported.created()) {
          v1::User& user = state_.users[one.handle()];
          user.set_name(imported.name());
          user.set_handle(one.handle());
          state_.passwords[one.handle()] = request->password();
        }
        if (state_.passwords[one.handle()] != request->password()) continue;
        imported.set_token(fmt::format("token-{}", state_.next_token++));
        state_.sessions[imported.token()] = imported.name();
      }
      return Status::OK;
    });
  }

 private:
  State& state_;
};

std::unique_ptr<grpc::Service> FakeServer::NewAdmin(State& state) {
  return std::make_unique<Admin>(state);
}

}  // namespace pinhole::client
