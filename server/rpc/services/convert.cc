// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/services/convert.h"

#include <cstdint>

#include "server/rpc/services/resource_name.h"

namespace pinhole::rpc {

google::protobuf::Timestamp ToProto(absl::Time time) {
  google::protobuf::Timestamp proto;
  const std::int64_t seconds = absl::ToUnixSeconds(time);
  proto.set_seconds(seconds);
  proto.set_nanos(static_cast<std::int32_t>(
      absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  return proto;
}

v1::User ToProto(const User& user) {
  v1::User proto;
  proto.set_name(FormatUserName(user.handle));
  proto.set_handle(user.handle);
  proto.set_display_name(user.display_name);
  proto.set_bio(user.bio);
  *proto.mutable_create_time() = ToProto(user.create_time);
  proto.set_photo_count(user.photo_count);
  proto.set_follower_count(user.follower_count);
  proto.set_following_count(user.following_count);
  proto.set_following(user.following);
  proto.set_followed_by(user.followed_by);
  return proto;
}

v1::Session ToProto(const Session& session, SessionId current) {
  v1::Session proto;
  proto.set_name(FormatSessionName(session.handle, session.id));
  proto.set_user(FormatUserName(session.handle));
  *proto.mutable_create_time() = ToProto(session.create_time);
  *proto.mutable_expire_time() = ToProto(session.expire_time);
  proto.set_current(session.id == current);
  return proto;
}

v1::Visibility ToProto(Visibility visibility) {
  switch (visibility) {
    case Visibility::kPublic:
      return v1::VISIBILITY_PUBLIC;
    case Visibility::kFollowers:
      return v1::VISIBILITY_FOLLOWERS;
    case Visibility::kPrivate:
      return v1::VISIBILITY_PRIVATE;
  }
  return v1::VISIBILITY_UNSPECIFIED;
}

v1::Photo ToProto(const Photo& photo) {
  v1::Photo proto;
  proto.set_name(FormatPhotoName(photo.id));
  proto.set_owner(FormatUserName(photo.owner_handle));
  proto.set_caption(photo.caption);
  proto.set_alt_text(photo.alt_text);
  proto.set_visibility(ToProto(photo.visibility));
  *proto.mutable_create_time() = ToProto(photo.create_time);
  proto.set_width(photo.width);
  proto.set_height(photo.height);
  proto.set_size_bytes(photo.size_bytes);
  proto.set_content_type(photo.content_type);
  proto.set_like_count(photo.like_count);
  proto.set_comment_count(photo.comment_count);
  proto.set_liked(photo.liked);
  return proto;
}

v1::Relationship ToProto(const Relationship& relationship) {
  v1::Relationship proto;
  proto.set_user(FormatUserName(relationship.handle));
  proto.set_following(relationship.following);
  proto.set_followed_by(relationship.followed_by);
  proto.set_blocking(relationship.blocking);
  return proto;
}

v1::Like ToProto(const Like& like) {
  v1::Like proto;
  proto.set_user(FormatUserName(like.user_handle));
  proto.set_user_display_name(like.user_display_name);
  *proto.mutable_create_time() = ToProto(like.create_time);
  return proto;
}

v1::Comment ToProto(const Comment& comment) {
  v1::Comment proto;
  proto.set_name(FormatCommentName(comment.photo, comment.id));
  proto.set_author(FormatUserName(comment.author_handle));
  proto.set_author_display_name(comment.author_display_name);
  proto.set_text(comment.text);
  *proto.mutable_create_time() = ToProto(comment.create_time);
  return proto;
}

v1::Notification ToProto(const Notification& notification) {
  v1::Notification proto;
  proto.set_name(FormatNotificationName(notification.id));
  switch (notification.kind) {
    case Notification::Kind::kFollow:
      proto.set_kind(v1::Notification::KIND_FOLLOW);
      break;
    case Notification::Kind::kLike:
      proto.set_kind(v1::Notification::KIND_LIKE);
      break;
    case Notification::Kind::kComment:
      proto.set_kind(v1::Notification::KIND_COMMENT);
      break;
  }
  proto.set_actor(FormatUserName(notification.actor_handle));
  if (notification.photo) {
    proto.set_photo(FormatPhotoName(notification.photo));
  }
  if (notification.comment) {
    proto.set_comment(
        FormatCommentName(notification.photo, notification.comment));
  }
  *proto.mutable_create_time() = ToProto(notification.create_time);
  proto.set_read(notification.read);
  return proto;
}

}  // namespace pinhole::rpc
