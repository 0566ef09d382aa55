// SPDX-License-Identifier: Apache-2.0

#include <limits>

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
Listing<T> ListingBelow(const Connection& connection,
                        grpc::Status (Social::*method)(grpc::ClientContext*,
                                                       const Request&,
                                                       Response*),
                        const absl::StatusOr<std::string>& parent,
                        Entries entries) {
  if (!parent.ok()) return Listing<T>(parent.status());
  Request request;
  request.set_parent(*parent);
  return ListingOf<T>(connection, method, request, entries);
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

Listing<v1::Like> Client::Likes(const std::string& photo) const {
  return ListingBelow<v1::Like>(
      connection_, &Social::ListLikes, PhotoName(photo),
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

Listing<v1::Comment> Client::Comments(const std::string& photo) const {
  return ListingBelow<v1::Comment>(
      connection_, &Social::ListComments, PhotoName(photo),
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

Listing<v1::User> Client::Followers(const std::string& user) const {
  return ListingBelow<v1::User>(
      connection_, &Social::ListFollowers, UserName(user),
      [](auto& page) { return page.mutable_users(); });
}

Listing<v1::User> Client::Following(const std::string& user) const {
  return ListingBelow<v1::User>(
      connection_, &Social::ListFollowing, UserName(user),
      [](auto& page) { return page.mutable_users(); });
}

Listing<std::string> Client::Blocks() const {
  return ListingOf<std::string>(
      connection_, &Social::ListBlocks, {},
      [](auto& page) { return page.mutable_users(); });
}

Listing<v1::Notification> Client::Notifications() const {
  return ListingOf<v1::Notification>(
      connection_, &Social::ListNotifications, {},
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
  RetryPolicy policy = connection_.options().retry;
  Retry retry(policy, Repeat::kSafe, absl::InfiniteFuture());
  v1::WatchFeedRequest request;
  while (true) {
    const auto context = connection_.NewContext(absl::InfiniteDuration());
    const auto reader =
        connection_.stub<Social>().WatchFeed(context.get(), request);
    v1::WatchFeedResponse response;
    while (reader->Read(&response)) {
      // The server can be reached in principle, and there is an entry to resume
      // from, so wait for the server no matter how long it is away.
      if (policy.max_attempts > 1) {
        policy.max_attempts = std::numeric_limits<int>::max();
      }
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
    connection_.Pause(*delay);
  }
}

}  // namespace pinhole::client
