// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/client/fake_server.h"

#include <utility>

#include "fmt/format.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/server_builder.h"
#include "pinhole/v1/admin_service.grpc.pb.h"
#include "tests/unit/client/fake_state.h"

namespace pinhole::client {
namespace {

using grpc::ServerContext;
using grpc::Status;
using grpc::StatusCode;

Status WithDetail(StatusCode code, const std::string& message,
                  const google::protobuf::Message& detail) {
  google::rpc::Status wire;
  wire.set_code(code);
  wire.set_message(message);
  wire.add_details()->PackFrom(detail);
  return {code, message, wire.SerializeAsString()};
}

Status NotFound() { return {StatusCode::NOT_FOUND, "no such thing"}; }

}  // namespace

Status RefusedField(const std::string& field, const std::string& rule) {
  google::rpc::BadRequest detail;
  auto* violation = detail.add_field_violations();
  violation->set_field(field);
  violation->set_description(rule);
  return WithDetail(StatusCode::INVALID_ARGUMENT, field + " " + rule, detail);
}

Status Busy(absl::Duration retry_delay) {
  google::rpc::RetryInfo detail;
  detail.mutable_retry_delay()->set_nanos(
      static_cast<int>(absl::ToInt64Nanoseconds(retry_delay)));
  return WithDetail(StatusCode::RESOURCE_EXHAUSTED, "busy", detail);
}

Status Because(StatusCode code, const std::string& message,
               const std::string& reason) {
  google::rpc::ErrorInfo detail;
  detail.set_reason(reason);
  return WithDetail(code, message, detail);
}

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
      if (user == state_.users.end()) return NotFound();
      *response = user->second;
      return Status::OK;
    });
  }

 private:
  State& state_;
};

class FakeServer::Photos final : public v1::PhotoService::Service {
 public:
  explicit Photos(State& state) : state_(state) {}

  Status UploadPhoto(ServerContext* context,
                     grpc::ServerReader<v1::UploadPhotoRequest>* reader,
                     v1::Photo* response) override {
    v1::UploadPhotoRequest message;
    v1::PhotoMetadata metadata;
    std::string bytes;
    while (reader->Read(&message)) {
      if (message.has_metadata()) {
        metadata = message.metadata();
        continue;
      }
      bytes += message.chunk();
      absl::MutexLock lock(&state_.log.mutex);
      state_.log.chunk_bytes.push_back(message.chunk().size());
    }
    return state_.Serve("UploadPhoto", [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      std::string user;
      if (auto status = state_.Caller(*context, user); !status.ok()) {
        return status;
      }
      const std::size_t fresh = state_.photos.size();
      const auto index = state_.FirstResult(metadata.request_id(), fresh);
      if (index == fresh) {
        v1::Photo photo;
        photo.set_name(fmt::format("photos/{}", fresh + 1));
        photo.set_owner(user);
        photo.set_caption(metadata.caption());
        photo.set_alt_text(metadata.alt_text());
        photo.set_visibility(metadata.visibility());
        photo.set_size_bytes(static_cast<std::int64_t>(bytes.size()));
        photo.set_content_type("image/png");
        state_.bytes[photo.name()] = bytes;
        state_.photos.push_back(photo);
      }
      *response = state_.photos[index];
      return Status::OK;
    });
  }

  Status GetPhoto(ServerContext*, const v1::GetPhotoRequest* request,
                  v1::Photo* response) override {
    return state_.Serve("GetPhoto", [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      const v1::Photo* photo = state_.Find(request->name());
      if (photo == nullptr) return NotFound();
      *response = *photo;
      return Status::OK;
    });
  }

  Status ListPhotos(ServerContext* context,
                    const v1::ListPhotosRequest* request,
                    v1::ListPhotosResponse* response) override {
    return state_.Serve("ListPhotos", [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      std::string owner = request->parent();
      if (owner == "users/me") {
        if (auto status = state_.Caller(*context, owner); !status.ok()) {
          return status;
        }
      }
      std::vector<v1::Photo> photos;
      for (auto at = state_.photos.rbegin(); at != state_.photos.rend(); ++at) {
        if (at->owner() == owner) photos.push_back(*at);
      }
      State::Page(photos, *request, *response,
                  [](auto& page) { return page.add_photos(); });
      return Status::OK;
    });
  }

  Status DeletePhoto(ServerContext*, const v1::DeletePhotoRequest* request,
                     google::protobuf::Empty*) override {
    return state_.Serve("DeletePhoto", [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      const auto erased = std::erase_if(state_.photos, [&](const auto& photo) {
        return photo.name() == request->name();
      });
      return erased == 0 ? NotFound() : Status::OK;
    });
  }

  Status DownloadPhoto(
      ServerContext*, const v1::DownloadPhotoRequest* request,
      grpc::ServerWriter<v1::DownloadPhotoResponse>* writer) override {
    std::string bytes;
    const Status found =
        state_.Serve("DownloadPhoto", [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
          if (state_.Find(request->name()) == nullptr) return NotFound();
          bytes = state_.bytes[request->name()];
          return Status::OK;
        });
    if (!found.ok()) return found;
    v1::DownloadPhotoResponse message;
    message.mutable_head()->set_content_type("image/jpeg");
    message.mutable_head()->set_size_bytes(
        static_cast<std::int64_t>(bytes.size()));
    writer->Write(message);
    // A photo that says so ends too early.
    if (bytes.starts_with("cut off")) bytes.resize(3);
    message.set_chunk(bytes);
    writer->Write(message);
    return Status::OK;
  }

 private:
  State& state_;
};

class FakeServer::Social final : public v1::SocialService::Service {
 public:
  explicit Social(State& state) : state_(state) {}

  Status FollowUser(ServerContext* context,
                    const v1::FollowUserRequest* request,
                    v1::Relationship* response) override {
    return state_.Serve("FollowUser", [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      std::string user;
      if (auto status = state_.Caller(*context, user); !status.ok()) {
        return status;
      }
      if (!state_.users.contains(request->name().substr(6))) return NotFound();
      state_.follows.emplace(user, request->name());
      response->set_user(request->name());
      response->set_following(true);
      return Status::OK;
    });
  }

  Status ListFollowing(ServerContext* context,
                       const v1::ListFollowingRequest* request,
                       v1::ListFollowingResponse* response) override {
    return state_.Serve("ListFollowing", [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      std::string user = request->parent();
      if (user == "users/me") {
        if (auto status = state_.Caller(*context, user); !status.ok()) {
          return status;
        }
      }
      std::vector<v1::User> users;
      for (const auto& [follower, followee] : state_.follows) {
        if (follower == user) users.push_back(state_.users[followee.substr(6)]);
      }
      State::Page(users, *request, *response,
                  [](auto& page) { return page.add_users(); });
      return Status::OK;
    });
  }

  Status ListLikes(ServerContext*, const v1::ListLikesRequest* request,
                   v1::ListLikesResponse* response) override {
    return state_.Serve("ListLikes", [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      std::vector<v1::Like> likes;
      for (const auto& [user, photo] : state_.likes) {
        if (photo != request->parent()) continue;
        likes.emplace_back().set_user(user);
      }
      State::Page(likes, *request, *response,
                  [](auto& page) { return page.add_likes(); });
      return Status::OK;
    });
  }

  Status LikePhoto(ServerContext* context, const v1::LikePhotoRequest* request,
                   v1::LikePhotoResponse* response) override {
    return state_.Serve("LikePhoto", [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      std::string user;
      if (auto status = state_.Caller(*context, user); !status.ok()) {
        return status;
      }
      v1::Photo* photo = state_.Find(request->name());
      if (photo == nullptr) return NotFound();
      if (state_.likes.emplace(user, photo->name()).second) {
        photo->set_like_count(photo->like_count() + 1);
      }
      response->set_like_count(photo->like_count());
      response->set_liked(true);
      return Status::OK;
    });
  }

  Status CreateComment(ServerContext* context,
                       const v1::CreateCommentRequest* request,
                       v1::Comment* response) override {
    return state_.Serve("CreateComment", [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      std::string user;
      if (auto status = state_.Caller(*context, user); !status.ok()) {
        return status;
      }
      const std::size_t fresh = state_.comments.size();
      const auto index = state_.FirstResult(request->request_id(), fresh);
      if (index == fresh) {
        v1::Comment comment;
        comment.set_name(
            fmt::format("{}/comments/{}", request->parent(), fresh + 1));
        comment.set_author(user);
        comment.set_text(request->text());
        state_.comments.push_back(comment);
      }
      *response = state_.comments[index];
      return Status::OK;
    });
  }

  Status ListComments(ServerContext*, const v1::ListCommentsRequest* request,
                      v1::ListCommentsResponse* response) override {
    return state_.Serve("ListComments", [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      std::vector<v1::Comment> comments;
      for (const v1::Comment& comment : state_.comments) {
        if (comment.name().starts_with(request->parent() + "/")) {
          comments.push_back(comment);
        }
      }
      State::Page(comments, *request, *response,
                  [](auto& page) { return page.add_comments(); });
      return Status::OK;
    });
  }

  Status GetFeed(ServerContext* context, const v1::GetFeedRequest* request,
                 v1::GetFeedResponse* response) override {
    return state_.Serve("GetFeed", [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      std::string user;
      if (auto status = state_.Caller(*context, user); !status.ok()) {
        return status;
      }
      const std::vector<v1::Photo> photos(state_.photos.rbegin(),
                                          state_.photos.rend());
      State::Page(photos, *request, *response,
                  [](auto& page) { return page.add_photos(); });
      return Status::OK;
    });
  }

  // Sends two entries after the resume token, then breaks off.
  Status WatchFeed(ServerContext*, const v1::WatchFeedRequest* request,
                   grpc::ServerWriter<v1::WatchFeedResponse>* writer) override {
    const auto counted = state_.Serve("WatchFeed", [] { return Status::OK; });
    if (!counted.ok()) return counted;
    const auto& token = request->resume_token();
    const int last = token.empty() ? 0 : std::stoi(token);
    for (int entry = last + 1; entry <= last + 2; ++entry) {
      v1::WatchFeedResponse message;
      message.mutable_photo()->set_name(fmt::format("photos/{}", entry));
      message.set_resume_token(std::to_string(entry));
      writer->Write(message);
    }
    return {StatusCode::UNAVAILABLE, "the server stops"};
  }

 private:
  State& state_;
};

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

FakeServer::FakeServer()
    : log_(std::make_unique<FakeLog>()),
      state_(std::make_unique<State>(*log_)),
      users_(std::make_unique<Users>(*state_)),
      photos_(std::make_unique<Photos>(*state_)),
      social_(std::make_unique<Social>(*state_)),
      admin_(std::make_unique<Admin>(*state_)) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                           &port);
  builder.RegisterService(users_.get());
  builder.RegisterService(photos_.get());
  builder.RegisterService(social_.get());
  builder.RegisterService(admin_.get());
  server_ = builder.BuildAndStart();
  target_ = fmt::format("127.0.0.1:{}", port);
}

FakeServer::~FakeServer() { server_->Shutdown(); }

void FakeServer::Fail(const std::string& method, Status status, int times) {
  absl::MutexLock lock(&log_->mutex);
  log_->faults[method] = {std::move(status), times, false};
}

void FakeServer::LoseAnswers(const std::string& method, int times) {
  absl::MutexLock lock(&log_->mutex);
  log_->faults[method] = {
      {StatusCode::UNAVAILABLE, "connection lost"}, times, true};
}

int FakeServer::calls(const std::string& method) const {
  absl::MutexLock lock(&log_->mutex);
  return log_->calls[method];
}

std::vector<std::string> FakeServer::request_ids() const {
  absl::MutexLock lock(&log_->mutex);
  return log_->request_ids;
}

std::vector<std::size_t> FakeServer::chunk_bytes() const {
  absl::MutexLock lock(&log_->mutex);
  return log_->chunk_bytes;
}

std::size_t FakeServer::users() const {
  absl::MutexLock lock(&state_->mutex);
  return state_->users.size();
}

std::size_t FakeServer::photos() const {
  absl::MutexLock lock(&state_->mutex);
  return state_->photos.size();
}

std::size_t FakeServer::comments() const {
  absl::MutexLock lock(&state_->mutex);
  return state_->comments.size();
}

std::string FakeServer::bytes_of(const std::string& photo) const {
  absl::MutexLock lock(&state_->mutex);
  return state_->bytes[photo];
}

void FakeServer::ForgetRequestIds() {
  absl::MutexLock lock(&state_->mutex);
  state_->first_results.clear();
}

}  // namespace pinhole::client
