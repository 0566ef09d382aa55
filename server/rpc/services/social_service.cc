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
#include "server/rpc/services/convert.h"
#include "server/rpc/services/removal_log.h"
#include "server/rpc/services/resource_name.h"
#include "server/rpc/services/service_handlers.h"
#include "server/rpc/services/validate.h"

namespace pinhole::rpc {
namespace {

using ::google::protobuf::Empty;

std::string ResumeContext(const Caller& caller) {
  return fmt::format("resume {}", caller.user.value);
}

// The photo that `token` refers to; none if it is empty.
absl::StatusOr<PhotoId> ParseResumeToken(const domain::TokenSigner& signer,
                                         const Caller& caller,
                                         const std::string& token) {
  PhotoId after;
  if (token.empty()) return after;
  const std::optional<std::string> id =
      signer.Verify(ResumeContext(caller), token);
  if (!id) {
    return InvalidField(
        "resume_token",
        "must be the resume_token of an entry that you received",
        Reason::kInvalidResumeToken);
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
  using domain::Social;
  ServiceHandlers handlers(registry, "pinhole.v1.SocialService");
  handlers.AddAction<v1::FollowUserRequest, v1::Relationship>(
      "FollowUser", social_, &Social::Follow);
  handlers.AddAction<v1::UnfollowUserRequest, v1::Relationship>(
      "UnfollowUser", social_, &Social::Unfollow);
  handlers.AddAction<v1::BlockUserRequest, v1::Relationship>(
      "BlockUser", social_, &Social::Block);
  handlers.AddAction<v1::UnblockUserRequest, v1::Relationship>(
      "UnblockUser", social_, &Social::Unblock);
  handlers.AddAction<v1::LikePhotoRequest, v1::LikePhotoResponse>(
      "LikePhoto", social_, &Social::Like);
  handlers.AddAction<v1::UnlikePhotoRequest, v1::UnlikePhotoResponse>(
      "UnlikePhoto", social_, &Social::Unlike);
  handlers.AddList<v1::ListFollowersRequest>(
      "ListFollowers", signer_, social_, &Social::ListFollowers,
      &v1::ListFollowersResponse::mutable_users);
  handlers.AddList<v1::ListFollowingRequest>(
      "ListFollowing", signer_, social_, &Social::ListFollowing,
      &v1::ListFollowingResponse::mutable_users);
  handlers.AddList<v1::ListBlocksRequest>(
      "ListBlocks", signer_, social_, &Social::ListBlocks,
      &v1::ListBlocksResponse::mutable_users);
  handlers.AddList<v1::ListLikesRequest>("ListLikes", signer_, social_,
                                         &Social::ListLikes,
                                         &v1::ListLikesResponse::mutable_likes);
  handlers.AddList<v1::ListCommentsRequest>(
      "ListComments", signer_, social_, &Social::ListComments,
      &v1::ListCommentsResponse::mutable_comments);
  handlers.AddList<v1::ListNotificationsRequest>(
      "ListNotifications", signer_, social_, &Social::ListNotifications,
      &v1::ListNotificationsResponse::mutable_notifications);
  handlers.AddList<v1::GetFeedRequest>("GetFeed", signer_, feed_,
                                       &domain::Feed::List,
                                       &v1::GetFeedResponse::mutable_photos);
  handlers.Add("CreateComment", *this, &SocialService::CreateComment);
  handlers.Add("DeleteComment", *this, &SocialService::DeleteComment);
  handlers.Add("MarkNotificationsRead", *this,
               &SocialService::MarkNotificationsRead);
  registry.ServerStreaming<v1::WatchFeedRequest, v1::WatchFeedResponse>(
      "pinhole.v1.SocialService.WatchFeed",
      Bind(*this, &SocialService::WatchFeed));
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

Task<absl::Status> SocialService::WatchFeed(Call& call,
                                            const v1::WatchFeedRequest& request,
                                            MessageWriter& responses) {
  CO_ASSIGN_OR_RETURN(
      const PhotoId after,
      ParseResumeToken(signer_, call.caller, request.resume_token()));
  CO_ASSIGN_OR_RETURN(domain::FeedWatch watch,
                      co_await feed_.Watch(call.caller.user, after));
  CO_RETURN_IF_ERROR(co_await responses.Begin());
  const std::string_view token =
      ParseBearerToken(call.Header("authorization")).value_or("");
  v1::WatchFeedResponse response;
  while (true) {
    const absl::StatusOr<std::vector<Photo>> entries =
        co_await watch.Next(call.stop);
    if (!entries.ok()) co_return entries.status();
    const auto caller = co_await accounts_.Authenticate(token);
    if (!caller.ok()) co_return caller.status();
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
