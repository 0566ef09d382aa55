// SPDX-License-Identifier: Apache-2.0

#include "absl/time/clock.h"
#include "client/src/pages.h"
#include "pinhole/client.h"

namespace pinhole::client {
namespace {

using Social = v1::SocialService::Stub;

// Makes a call whose request has only a resource name.
template <typename Request, typename Response>
absl::StatusOr<Response> CallOn(
    const Connection& connection,
    grpc::Status (Social::*method)(grpc::ClientContext*, const Request&,
                                   Response*),
    const absl::StatusOr<std::string>& name) {
  if (!name.ok()) return name.status();
  Request request;
  request.set_name(*name);
  return connection.Call(method, request);
}

template <typename T, typename Request, typename Response, typename Entries>
absl::StatusOr<std::vector<T>> ListOf(
    const Connection& connection,
    grpc::Status (Social::*method)(grpc::ClientContext*, const Request&,
                                   Response*),
    const absl::StatusOr<std::string>& parent, int limit, Entries entries) {
  if (!parent.ok()) return parent.status();
  Request request;
  request.set_parent(*parent);
  return WalkPages<T>(connection, method, request, limit, entries);
}

}  // namespace

absl::StatusOr<v1::LikePhotoResponse> Client::Like(
    const std::string& photo) const {
  return CallOn(connection_, &Social::LikePhoto, PhotoName(photo));
}

absl::StatusOr<v1::UnlikePhotoResponse> Client::Unlike(
    const std::string& photo) const {
  return CallOn(connection_, &Social::UnlikePhoto, PhotoName(photo));
}

absl::StatusOr<std::vector<v1::Like>> Client::Likes(const std::string& photo,
                                                    int limit) const {
  return ListOf<v1::Like>(connection_, &Social::ListLikes, PhotoName(photo),
                          limit,
                          [](auto& page) { return page.mutable_likes(); });
}

absl::StatusOr<v1::Comment> Client::Comment(
    const std::string& photo, const std::string& text,
    const std::string& request_id) const {
  const auto name = PhotoName(photo);
  if (!name.ok()) return name.status();
  v1::CreateCommentRequest request;
  request.set_parent(*name);
  request.set_text(text);
  request.set_request_id(request_id);
  return connection_.Call(&Social::CreateComment, request);
}

absl::StatusOr<std::vector<v1::Comment>> Client::Comments(
    const std::string& photo, int limit) const {
  return ListOf<v1::Comment>(
      connection_, &Social::ListComments, PhotoName(photo), limit,
      [](auto& page) { return page.mutable_comments(); });
}

absl::Status Client::DeleteComment(const std::string& comment) const {
  v1::DeleteCommentRequest request;
  request.set_name(comment);
  return connection_
      .Call(&Social::DeleteComment, request, Repeat::kOnlyIfRefused)
      .status();
}

absl::StatusOr<v1::Relationship> Client::Follow(const std::string& user) const {
  return CallOn(connection_, &Social::FollowUser, UserName(user));
}

absl::StatusOr<v1::Relationship> Client::Unfollow(
    const std::string& user) const {
  return CallOn(connection_, &Social::UnfollowUser, UserName(user));
}

absl::StatusOr<v1::Relationship> Client::Block(const std::string& user) const {
  return CallOn(connection_, &Social::BlockUser, UserName(user));
}

absl::StatusOr<v1::Relationship> Client::Unblock(
    const std::string& user) const {
  return CallOn(connection_, &Social::UnblockUser, UserName(user));
}

absl::StatusOr<std::vector<v1::User>> Client::Followers(const std::string& user,
                                                        int limit) const {
  return ListOf<v1::User>(connection_, &Social::ListFollowers, UserName(user),
                          limit,
                          [](auto& page) { return page.mutable_users(); });
}

absl::StatusOr<std::vector<v1::User>> Client::Following(const std::string& user,
                                                        int limit) const {
  return ListOf<v1::User>(connection_, &Social::ListFollowing, UserName(user),
                          limit,
                          [](auto& page) { return page.mutable_users(); });
}

absl::StatusOr<std::vector<std::string>> Client::Blocks(int limit) const {
  return WalkPages<std::string>(
      connection_, &Social::ListBlocks, {}, limit,
      [](auto& page) { return page.mutable_users(); });
}

absl::StatusOr<std::vector<v1::Notification>> Client::Notifications(
    int limit) const {
  return WalkPages<v1::Notification>(
      connection_, &Social::ListNotifications, {}, limit,
      [](auto& page) { return page.mutable_notifications(); });
}

absl::Status Client::MarkNotificationsRead(const std::string& last) const {
  v1::MarkNotificationsReadRequest request;
  request.set_last(last);
  return connection_.Call(&Social::MarkNotificationsRead, request).status();
}

absl::Status Client::WatchFeed(
    const std::function<bool(const v1::WatchFeedResponse&)>& entry) const {
  if (!connection_.usable().ok()) return connection_.usable();
  const auto& policy = connection_.options().retry;
  Retry retry(policy, Repeat::kSafe, absl::InfiniteFuture());
  v1::WatchFeedRequest request;
  while (true) {
    const auto context = connection_.NewContext(absl::InfiniteDuration());
    const auto reader =
        connection_.stub<Social>().WatchFeed(context.get(), request);
    v1::WatchFeedResponse response;
    while (reader->Read(&response)) {
      // The connection works, so reset the number of attempts.
      retry = Retry(policy, Repeat::kSafe, absl::InfiniteFuture());
      request.set_resume_token(response.resume_token());
      if (entry(response)) continue;
      context->TryCancel();
      reader->Finish();
      return absl::OkStatus();
    }
    absl::Status status = FromGrpc(reader->Finish());
    const auto delay = retry.DelayAfter(status);
    if (!delay) return status;
    absl::SleepFor(*delay);
  }
}

}  // namespace pinhole::client
