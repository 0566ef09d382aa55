// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/services/convert.h"

#include <set>
#include <string>

#include "google/protobuf/message.h"
#include "gtest/gtest.h"

namespace pinhole::rpc {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;

// Expects a value in every field of `message`, to find new fields that are not
// converted.
void ExpectComplete(const Message& message, std::set<std::string> empty = {}) {
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    EXPECT_EQ(message.GetReflection()->HasField(message, field),
              !empty.contains(field->name()))
        << field->full_name();
  }
}

TEST(ConvertTest, EveryFieldIsConverted) {
  const absl::Time now = absl::FromUnixSeconds(1'700'000'000);
  ExpectComplete(ToProto(User{.id = UserId{1},
                              .handle = "ansel",
                              .display_name = "Ansel",
                              .bio = "Of Yosemite",
                              .create_time = now,
                              .photo_count = 1,
                              .follower_count = 2,
                              .following_count = 3,
                              .following = true,
                              .followed_by = true}));
  ExpectComplete(ToProto(Photo{.id = PhotoId{2},
                               .owner = UserId{1},
                               .owner_handle = "ansel",
                               .file_key = "f",
                               .caption = "Half Dome",
                               .alt_text = "A rock",
                               .create_time = now,
                               .width = 4,
                               .height = 3,
                               .size_bytes = 12,
                               .content_type = "image/jpeg",
                               .like_count = 1,
                               .comment_count = 1,
                               .liked = true}));
  // Only logging in sets the token.
  ExpectComplete(ToProto(Session{.id = SessionId{3},
                                 .user = UserId{1},
                                 .handle = "ansel",
                                 .token_hash = "h",
                                 .create_time = now,
                                 .expire_time = now},
                         SessionId{3}),
                 {"token"});
  ExpectComplete(ToProto(Relationship{.handle = "ansel",
                                      .following = true,
                                      .followed_by = true,
                                      .blocking = true}));
  ExpectComplete(ToProto(Like{.user_handle = "ansel",
                              .user_display_name = "Ansel",
                              .create_time = now}));
  ExpectComplete(ToProto(Comment{.id = CommentId{4},
                                 .photo = PhotoId{2},
                                 .author_handle = "ansel",
                                 .author_display_name = "Ansel",
                                 .text = "Hm",
                                 .create_time = now}));
  ExpectComplete(ToProto(Notification{.id = NotificationId{5},
                                      .kind = Notification::Kind::kComment,
                                      .actor_handle = "ansel",
                                      .photo = PhotoId{2},
                                      .comment = CommentId{4},
                                      .create_time = now,
                                      .read = true}));
}

}  // namespace
}  // namespace pinhole::rpc
