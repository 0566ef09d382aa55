// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "google/protobuf/text_format.h"
#include "google/rpc/code.pb.h"
#include "gtest/gtest.h"
#include "server/rpc/dispatch.h"
#include "server/rpc/services/admin_service.h"
#include "server/rpc/services/photo_service.h"
#include "server/rpc/services/social_service.h"
#include "server/rpc/services/user_service.h"
#include "tests/unit/server/domain/sqlite_world.h"

namespace pinhole::rpc {

using ::google::protobuf::Message;

// Forwards to another observer, if there is one.
class TellingObserver final : public Dispatch::Observer {
 public:
  void Started(const Method& method) override {
    if (to != nullptr) to->Started(method);
  }
  void MessageReceived(const Method& method) override {
    if (to != nullptr) to->MessageReceived(method);
  }
  void MessageSent(const Method& method) override {
    if (to != nullptr) to->MessageSent(method);
  }
  void Handled(const Method& method, const Call& call,
               const absl::Status& status, absl::Duration took) override {
    if (to != nullptr) to->Handled(method, call, status, took);
  }

  Dispatch::Observer* to = nullptr;
};

class ListReader final : public MessageReader {
 public:
  explicit ListReader(std::deque<v1::UploadPhotoRequest> messages)
      : messages_(std::move(messages)) {}
  Task<absl::StatusOr<bool>> Read(Message* message) override {
    if (messages_.empty()) co_return false;
    message->CopyFrom(messages_.front());
    messages_.pop_front();
    co_return true;
  }

 private:
  std::deque<v1::UploadPhotoRequest> messages_;
};

class ListWriter final : public MessageWriter {
 public:
  Task<absl::Status> Begin() override {
    ++begun;
    co_return absl::OkStatus();
  }
  Task<absl::Status> Write(Message& message) override {
    messages.emplace_back(message.New())->CopyFrom(message);
    co_return absl::OkStatus();
  }
  int begun = 0;
  std::vector<std::unique_ptr<Message>> messages;
};

// All services with a real store and real files.  Every call goes through
// dispatch.
class ServicesTest : public ::testing::Test {
 protected:
  ServicesTest() {
    users_.AddTo(registry_);
    photos_.AddTo(registry_);
    social_.AddTo(registry_);
    admin_.AddTo(registry_);
  }

  std::unique_ptr<Call> NewCall(const std::string& token) {
    auto call = std::make_unique<Call>();
    if (!token.empty()) {
      call->metadata.emplace_back("authorization", "Bearer " + token);
    }
    return call;
  }

  template <typename Response>
  Response Ask(const std::string& method, const Message& request,
               const std::string& token = "") {
    Response response;
    const auto call = NewCall(token);
    last_ = world_.Run(dispatch_.Unary(*registry_.Find("pinhole.v1." + method),
                                       *call, request, &response));
    return response;
  }

  // As `Ask`, with the request as text: `name: "photos/1"`.
  std::unique_ptr<Message> AskText(const std::string& method,
                                   const std::string& text,
                                   const std::string& token = "") {
    const Method& found = *registry_.Find("pinhole.v1." + method);
    const std::unique_ptr<Message> request(found.request_prototype->New());
    EXPECT_TRUE(
        google::protobuf::TextFormat::ParseFromString(text, request.get()))
        << method << " {" << text << "}";
    std::unique_ptr<Message> response(found.response_prototype->New());
    const auto call = NewCall(token);
    last_ = world_.Run(dispatch_.Unary(found, *call, *request, response.get()));
    return response;
  }
  template <typename Response>
  Response Get(const std::string& method, const std::string& text,
               const std::string& token = "") {
    return static_cast<const Response&>(*AskText(method, text, token));
  }
  int CodeOf(const std::string& method, const std::string& text,
             const std::string& token = "") {
    AskText(method, text, token);
    return last_.code();
  }

  std::string SignUp(const std::string& handle) {
    v1::CreateUserRequest user;
    user.set_handle(handle);
    user.set_password("moonrise over hernandez");
    Ask<v1::User>("UserService.CreateUser", user);
    v1::CreateSessionRequest session;
    session.set_handle(handle);
    session.set_password(user.password());
    return Ask<v1::Session>("UserService.CreateSession", session).token();
  }

  v1::Photo Upload(const std::string& token,
                   std::deque<v1::UploadPhotoRequest> messages) {
    v1::Photo photo;
    const auto call = NewCall(token);
    ListReader reader(std::move(messages));
    last_ = world_.Run(dispatch_.ClientStreaming(
        *registry_.Find("pinhole.v1.PhotoService.UploadPhoto"), *call, reader,
        &photo));
    return photo;
  }
  v1::Photo UploadJpeg(const std::string& token) {
    v1::UploadPhotoRequest metadata;
    metadata.mutable_metadata()->set_caption("Half Dome");
    v1::UploadPhotoRequest chunk;
    chunk.set_chunk(testing::Jpeg());
    return Upload(token, {metadata, chunk});
  }

  // Of the original.
  std::vector<v1::DownloadPhotoResponse> Download(const std::string& token,
                                                  const std::string& name,
                                                  std::int64_t offset) {
    v1::DownloadPhotoRequest request;
    request.set_name(name);
    request.set_rendition(v1::RENDITION_ORIGINAL);
    request.set_offset(offset);
    const auto call = NewCall(token);
    ListWriter writer;
    last_ = world_.Run(dispatch_.ServerStreaming(
        *registry_.Find("pinhole.v1.PhotoService.DownloadPhoto"), *call,
        request, writer));
    std::vector<v1::DownloadPhotoResponse> messages;
    for (const auto& message : writer.messages) {
      messages.push_back(
          static_cast<const v1::DownloadPhotoResponse&>(*message));
    }
    return messages;
  }

  testing::SqliteWorld world_;
  domain::Accounts& accounts_ = world_.accounts;
  UserService users_{world_.accounts, world_.signer, 0};
  PhotoService photos_{world_.photos, world_.signer};
  SocialService social_{world_.social, world_.feed, world_.accounts,
                        world_.signer};
  AdminService admin_{world_.backups, world_.imports, world_.accounts,
                      "0123456789abcdef0123456789abcdef", 3};
  Registry registry_;
  TellingObserver observer_;
  Dispatch dispatch_{
      registry_,
      [this](std::string_view token) { return accounts_.Authenticate(token); },
      observer_,
      {}};
  google::rpc::Status last_;
};

}  // namespace pinhole::rpc
