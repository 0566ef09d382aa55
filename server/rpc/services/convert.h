// SPDX-License-Identifier: Apache-2.0

// Conversion of the model to messages.

#pragma once

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "pinhole/v1/photo_service.pb.h"
#include "pinhole/v1/social_service.pb.h"
#include "pinhole/v1/user_service.pb.h"
#include "server/model/photo.h"
#include "server/model/social.h"
#include "server/model/user.h"

namespace pinhole::rpc {

google::protobuf::Timestamp ToProto(absl::Time time);
v1::User ToProto(const User& user);
// `current` is the session that makes the call.
v1::Session ToProto(const Session& session, SessionId current);
v1::Visibility ToProto(Visibility visibility);
v1::Photo ToProto(const Photo& photo);
v1::Relationship ToProto(const Relationship& relationship);
v1::Like ToProto(const Like& like);
v1::Comment ToProto(const Comment& comment);
v1::Notification ToProto(const Notification& notification);

}  // namespace pinhole::rpc
