// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/services/social_service.h"

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bearer_token.h"
#include "base/errors.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/domain/text/text.h"
#include "server/rpc/services/actor.h"
#include "server/rpc/services/bind.h"
#include "server/rpc/services/canonical.h"
#include "server/rpc/services/convert.h"
#include "server/rpc/services/paging.h"
#include "server/rpc/services/removal_log.h"
#include "server/rpc/services/resource_name.h"
#include "server/rpc/services/validate.h"

namespace pinhole::rpc {
namespace {

using ::google::protobuf::Empty;

std::string ResumeContext(const Caller& caller) {
  return fmt::format("resume {}", caller.user.value);
}

// The entry that `token` names; none if it is empty.
absl::StatusOr<PhotoId> ParseResumeToken(const domain::TokenSigner& signer,
                                         const Caller& caller,
                                         const std::string& token) {
  PhotoId after;
  if (token.empty()) return after;
  const std::optional<std::string> id =
      signer.Verify(ResumeContext(caller), token);
  if (!id) {
    return InvalidField("resume_token",
                        "must be the resume_token of an entry received");
  }
  std::from_chars(id->data(), id->data() + id->size(), after.value);
  return after;
}

}  // namespace

SocialService::SocialService(domain::Social& social, domain::Feed& feed,
                             domain::Accounts& accounts,
                             const domain::TokenSigner& signer)
    : social_(social), feed_(feed), accounts_(accounts), signer_(signer) {}

void SocialService::AddTo(Registry& registry) {
  const auto add = [&](const char* method, auto handler) {
    registry.Unary(fmt::format("pinhole.v1.SocialService.{}", method),
                   Bind(*this, handler));
  };
  add("FollowUser", &SocialService::FollowUser);
  add("UnfollowUser", &SocialService::UnfollowUser);
  add("ListFollowers", &SocialService::ListFollowers);
  add("ListFollowing", &SocialService::ListFollowing);
  add("LikePhoto", &SocialService::LikePhoto);
  add("UnlikePhoto", &SocialService::UnlikePhoto);
  add("ListLikes", &SocialService::ListLikes);
  add("CreateComment", &SocialService::CreateComment);
  add("ListComments", &SocialService::ListComments);
  add("DeleteComment", &SocialService::DeleteComment);
  add("BlockUser", &SocialService::BlockUser);
  add("UnblockUser", &SocialService::UnblockUser);
  add("ListBlocks", &SocialService::ListBlocks);
  add("GetFeed", &SocialService::GetFeed);
  registry.ServerStreaming<v1::WatchFeedRequest, v1::WatchFeedResponse>(
      "pinhole.v1.SocialService.WatchFeed",
      Bind(*this, &SocialService::WatchFeed));
  add("ListNotifications", &SocialService::ListNotifications);
  add("MarkNotificationsRead", &SocialService::MarkNotificationsRead);
}

Task<absl::StatusOr<v1::Relationship>> SocialService::FollowUser(
    Call& call, const v1::FollowUserRequest& request) {
  CO_ASSIGN_OR_RETURN(std::string handle,
                      ParseUserName("name", request.name(), call.caller));
  CO_ASSIGN_OR_RETURN(
      const Relationship now,
      co_await social_.Follow(ActorOf(call), std::move(handle)));
  co_return ToProto(now);
}

Task<absl::StatusOr<v1::Relationship>> SocialService::UnfollowUser(
    Call& call, const v1::UnfollowUserRequest& request) {
  CO_ASSIGN_OR_RETURN(std::string handle,
                      ParseUserName("name", request.name(), call.caller));
  CO_ASSIGN_OR_RETURN(
      const Relationship now,
      co_await social_.Unfollow(ActorOf(call), std::move(handle)));
  co_return ToProto(now);
}

Task<absl::StatusOr<v1::Relationship>> SocialService::BlockUser(
    Call& call, const v1::BlockUserRequest& request) {
  CO_ASSIGN_OR_RETURN(std::string handle,
                      ParseUserName("name", request.name(), call.caller));
  CO_ASSIGN_OR_RETURN(const Relationship now,
                      co_await social_.Block(ActorOf(call), std::move(handle)));
  co_return ToProto(now);
}

Task<absl::StatusOr<v1::Relationship>> SocialService::UnblockUser(
    Call& call, const v1::UnblockUserRequest& request) {
  CO_ASSIGN_OR_RETURN(std::string handle,
                      ParseUserName("name", request.name(), call.caller));
  CO_ASSIGN_OR_RETURN(
      const Relationship now,
      co_await social_.Unblock(ActorOf(call), std::move(handle)));
  co_return ToProto(now);
}

Task<absl::StatusOr<v1::ListFollowersResponse>> SocialService::ListFollowers(
    Call& call, const v1::ListFollowersRequest& request) {
  CO_ASSIGN_OR_RETURN(std::string handle,
                      ParseUserName("parent", request.parent(), call.caller));
  CO_ASSIGN_OR_RETURN(const PageRequest page,
                      ParsePage(signer_, call.caller, request));
  CO_ASSIGN_OR_RETURN(const Page<User> found,
                      co_await social_.ListFollowers(call.caller.user,
                                                     std::move(handle), page));
  v1::ListFollowersResponse response;
  AddAllTo(found.items, response.mutable_users());
  response.set_next_page_token(
      NextPageToken(signer_, call.caller, request, found.next));
  co_return response;
}

Task<absl::StatusOr<v1::ListFollowingResponse>> SocialService::ListFollowing(
    Call& call, const v1::ListFollowingRequest& request) {
  CO_ASSIGN_OR_RETURN(std::string handle,
                      ParseUserName("parent", request.parent(), call.caller));
  CO_ASSIGN_OR_RETURN(const PageRequest page,
                      ParsePage(signer_, call.caller, request));
  CO_ASSIGN_OR_RETURN(const Page<User> found,
                      co_await social_.ListFollowing(call.caller.user,
                                                     std::move(handle), page));
  v1::ListFollowingResponse response;
  AddAllTo(found.items, response.mutable_users());
  response.set_next_page_token(
      NextPageToken(signer_, call.caller, request, found.next));
  co_return response;
}

Task<absl::StatusOr<v1::LikePhotoResponse>> SocialService::LikePhoto(
    Call& call, const v1::LikePhotoRequest& request) {
  CO_ASSIGN_OR_RETURN(const PhotoId photo,
                      ParsePhotoName("name", request.name()));
  CO_ASSIGN_OR_RETURN(const LikeState now,
                      co_await social_.Like(ActorOf(call), photo));
  v1::LikePhotoResponse response;
  response.set_like_count(now.like_count);
  response.set_liked(now.liked);
  co_return response;
}

Task<absl::StatusOr<v1::UnlikePhotoResponse>> SocialService::UnlikePhoto(
    Call& call, const v1::UnlikePhotoRequest& request) {
  CO_ASSIGN_OR_RETURN(const PhotoId photo,
                      ParsePhotoName("name", request.name()));
  CO_ASSIGN_OR_RETURN(const LikeState now,
                      co_await social_.Unlike(ActorOf(call), photo));
  v1::UnlikePhotoResponse response;
  response.set_like_count(now.like_count);
  response.set_liked(now.liked);
  co_return response;
}

Task<absl::StatusOr<v1::ListLikesResponse>> SocialService::ListLikes(
    Call& call, const v1::ListLikesRequest& request) {
  CO_ASSIGN_OR_RETURN(const PhotoId photo,
                      ParsePhotoName("parent", request.parent()));
  CO_ASSIGN_OR_RETURN(const PageRequest page,
                      ParsePage(signer_, call.caller, request));
  CO_ASSIGN_OR_RETURN(
      const Page<Like> found,
      co_await social_.ListLikes(call.caller.user, photo, page));
  v1::ListLikesResponse response;
  AddAllTo(found.items, response.mutable_likes());
  response.set_next_page_token(
      NextPageToken(signer_, call.caller, request, found.next));
  co_return response;
}

Task<absl::StatusOr<v1::ListCommentsResponse>> SocialService::ListComments(
    Call& call, const v1::ListCommentsRequest& request) {
  CO_ASSIGN_OR_RETURN(const PhotoId photo,
                      ParsePhotoName("parent", request.parent()));
  CO_ASSIGN_OR_RETURN(const PageRequest page,
                      ParsePage(signer_, call.caller, request));
  CO_ASSIGN_OR_RETURN(
      const Page<Comment> found,
      co_await social_.ListComments(call.caller.user, photo, page));
  v1::ListCommentsResponse response;
  AddAllTo(found.items, response.mutable_comments());
  response.set_next_page_token(
      NextPageToken(signer_, call.caller, request, found.next));
  co_return response;
}

Task<absl::StatusOr<v1::Comment>> SocialService::CreateComment(
    Call& call, const v1::CreateCommentRequest& request) {
  CO_ASSIGN_OR_RETURN(const PhotoId photo,
                      ParsePhotoName("parent", request.parent()));
  CO_ASSIGN_OR_RETURN(std::string text,
                      domain::NormalizeComment("text", request.text()));
  CO_ASSIGN_OR_RETURN(
      RequestKey key,
      ParseRequestKey("request_id", request.request_id(), "CreateComment",
                      std::to_string(call.caller.user.value),
                      CanonicalWithout(request, {"request_id"})));
  CO_ASSIGN_OR_RETURN(
      const Comment comment,
      co_await social_.CreateComment(ActorOf(call), photo, std::move(text),
                                     std::move(key)));
  co_return ToProto(comment);
}

Task<absl::StatusOr<Empty>> SocialService::DeleteComment(
    Call& call, const v1::DeleteCommentRequest& request) {
  CO_ASSIGN_OR_RETURN(const CommentName name,
                      ParseCommentName("name", request.name()));
  CO_ASSIGN_OR_RETURN(
      const std::optional<Removal> removal,
      co_await social_.DeleteComment(ActorOf(call), name.photo, name.comment));
  LogRemoval(removal);
  co_return Empty();
}

Task<absl::StatusOr<v1::ListBlocksResponse>> SocialService::ListBlocks(
    Call& call, const v1::ListBlocksRequest& request) {
  CO_ASSIGN_OR_RETURN(const PageRequest page,
                      ParsePage(signer_, call.caller, request));
  CO_ASSIGN_OR_RETURN(const Page<std::string> found,
                      co_await social_.ListBlocks(call.caller.user, page));
  v1::ListBlocksResponse response;
  for (const std::string& handle : found.items) {
    response.add_users(FormatUserName(handle));
  }
  response.set_next_page_token(
      NextPageToken(signer_, call.caller, request, found.next));
  co_return response;
}

Task<absl::StatusOr<v1::GetFeedResponse>> SocialService::GetFeed(
    Call& call, const v1::GetFeedRequest& request) {
  CO_ASSIGN_OR_RETURN(const PageRequest page,
                      ParsePage(signer_, call.caller, request));
  CO_ASSIGN_OR_RETURN(const Page<Photo> found,
                      co_await feed_.List(call.caller.user, page));
  v1::GetFeedResponse response;
  AddAllTo(found.items, response.mutable_photos());
  response.set_next_page_token(
      NextPageToken(signer_, call.caller, request, found.next));
  co_return response;
}

Task<absl::StatusOr<v1::ListNotificationsResponse>>
SocialService::ListNotifications(Call& call,
                                 const v1::ListNotificationsRequest& request) {
  CO_ASSIGN_OR_RETURN(const PageRequest page,
                      ParsePage(signer_, call.caller, request));
  CO_ASSIGN_OR_RETURN(
      const Page<Notification> found,
      co_await social_.ListNotifications(call.caller.user, page));
  v1::ListNotificationsResponse response;
  AddAllTo(found.items, response.mutable_notifications());
  response.set_next_page_token(
      NextPageToken(signer_, call.caller, request, found.next));
  co_return response;
}

Task<absl::Status> SocialService::WatchFeed(Call& call,
                                            const v1::WatchFeedRequest& request,
                                            MessageWriter& responses) {
  CO_ASSIGN_OR_RETURN(
      const PhotoId after,
      ParseResumeToken(signer_, call.caller, request.resume_token()));
  CO_ASSIGN_OR_RETURN(domain::FeedWatch watch,
                      feed_.Watch(call.caller.user, after));
  CO_RETURN_IF_ERROR(co_await responses.Begin());
  const std::string_view token =
      ParseBearerToken(call.Header("authorization")).value_or("");
  v1::WatchFeedResponse response;
  while (true) {
    const absl::StatusOr<std::vector<Photo>> entries =
        co_await watch.Next(call.stop);
    if (!entries.ok()) co_return entries.status();
    CO_RETURN_IF_ERROR(accounts_.Authenticate(token).status());
    for (const Photo& photo : *entries) {
      *response.mutable_photo() = ToProto(photo);
      response.set_resume_token(signer_.Sign(ResumeContext(call.caller),
                                             std::to_string(photo.id.value)));
      CO_RETURN_IF_ERROR(co_await responses.Write(response));
    }
  }
}

Task<absl::StatusOr<v1::MarkNotificationsReadResponse>>
SocialService::MarkNotificationsRead(
    Call& call, const v1::MarkNotificationsReadRequest& request) {
  NotificationId last;
  if (!request.last().empty()) {
    CO_ASSIGN_OR_RETURN(last, ParseNotificationName("last", request.last()));
  }
  CO_RETURN_IF_ERROR(
      co_await social_.MarkNotificationsRead(ActorOf(call), last));
  co_return v1::MarkNotificationsReadResponse();
}

}  // namespace pinhole::rpc
