// SPDX-License-Identifier: Apache-2.0

#include <memory>
#include <set>
#include <sstream>
#include <string>

#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.pb.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"
#include "pinhole/client.h"
#include "pinhole/v1/descriptors.h"

namespace pinhole::client {
namespace {

// Records the name of each method that is called, "/package.Service/Method",
// and refuses the call.
class RecordingServer : public grpc::CallbackGenericService {
 public:
  RecordingServer() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port_);
    builder.RegisterCallbackGenericService(this);
    server_ = builder.BuildAndStart();
  }
  ~RecordingServer() override { server_->Shutdown(); }

  std::string target() const { return "127.0.0.1:" + std::to_string(port_); }

  std::set<std::string> called() const {
    absl::MutexLock lock(&mutex_);
    return called_;
  }

  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    absl::MutexLock lock(&mutex_);
    called_.insert(context->method());
    return new Refusal;
  }

 private:
  struct Refusal : grpc::ServerGenericBidiReactor {
    Refusal() { Finish({grpc::StatusCode::UNIMPLEMENTED, "only recorded"}); }
    void OnDone() override { delete this; }
  };

  int port_ = 0;
  mutable absl::Mutex mutex_;
  std::set<std::string> called_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<grpc::Server> server_;
};

std::set<std::string> MethodsOfTheApi() {
  google::protobuf::FileDescriptorSet files;
  files.ParseFromString(std::string(v1::Descriptors()));
  std::set<std::string> methods;
  for (const auto& file : files.file()) {
    if (file.package() != "pinhole.v1") continue;
    for (const auto& service : file.service()) {
      for (const auto& method : service.method()) {
        methods.insert("/" + file.package() + "." + service.name() + "/" +
                       method.name());
      }
    }
  }
  return methods;
}

// Calls the functions in the order of client.h.
void CallEachFunction(Client& client) {
  (void)client.Register("ansel", "half dome");
  (void)client.Login("ansel", "half dome");
  (void)client.GetUser();
  (void)client.UpdateUser({.bio = "Photographer"});
  (void)client.SearchUsers("an", 1);
  (void)client.ChangePassword("half dome", "el capitan");
  (void)client.DeleteUser("ansel", "half dome");
  (void)client.Sessions(1);
  (void)client.DeleteSession("users/me/sessions/1");

  std::stringstream bytes;
  (void)client.UploadPhoto(bytes, {});
  (void)client.GetPhoto("1");
  (void)client.UpdatePhoto("1", {.caption = "Half Dome"});
  (void)client.DeletePhoto("1");
  (void)client.DownloadPhoto("1", v1::RENDITION_LARGE, bytes);
  (void)client.Feed(1);
  (void)client.RecentPhotos(1);
  (void)client.PhotosOf("ansel", 1);
  (void)client.WatchFeed([](const auto&) { return false; });

  (void)client.Like("1");
  (void)client.Unlike("1");
  (void)client.Likes("1", 1);
  (void)client.Comment("1", "Wow.");
  (void)client.Comments("1", 1);
  (void)client.DeleteComment("photos/1/comments/1");
  (void)client.Follow("ansel");
  (void)client.Unfollow("ansel");
  (void)client.Followers("ansel", 1);
  (void)client.Following("ansel", 1);
  (void)client.Block("ansel");
  (void)client.Unblock("ansel");
  (void)client.Blocks(1);
  (void)client.Notifications(1);
  (void)client.MarkNotificationsRead();

  (void)client.GetServerInfo();
  (void)client.CreateBackup();
  (void)client.ImportUsers({});
}

TEST(EveryMethodTest, EachMethodOfTheApiHasAFunctionOfTheClient) {
  RecordingServer server;
  Client client(server.target());
  const auto methods = MethodsOfTheApi();
  ASSERT_THAT(methods, ::testing::Not(::testing::IsEmpty()));

  CallEachFunction(client);

  EXPECT_EQ(server.called(), methods);
}

}  // namespace
}  // namespace pinhole::client
