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
      if (!state_.users.contains(request->name().substr(6)))
        return NoSuchThing();
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
      if (photo == nullptr) return NoSuchThing();
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

std::unique_ptr<grpc::Service> FakeServer::NewSocial(State& state) {
  return std::make_unique<Social>(state);
}

}  // namespace pinhole::client
