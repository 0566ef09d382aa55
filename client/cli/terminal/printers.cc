// SPDX-License-Identifier: Apache-2.0

#include "client/cli/terminal/printers.h"

#include "client/cli/terminal/text.h"
#include "fmt/format.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"

namespace pinhole::cli {
namespace {

using client::HandleOf;

// Lines of "name:   value".  Omits empty values.
class Properties {
 public:
  Properties& Add(std::string_view name, std::string_view value) {
    if (!value.empty()) {
      text_ +=
          fmt::format("{:<12} {}\n", fmt::format("{}:", name), Escape(value));
    }
    return *this;
  }
  Properties& Add(std::string_view name, std::int64_t value) {
    return Add(name, std::to_string(value));
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string At(const std::string& user) {
  return fmt::format("@{}", HandleOf(user));
}

std::string YesNo(bool value) { return value ? "yes" : "no"; }

std::string VisibilityText(v1::Visibility visibility) {
  switch (visibility) {
    case v1::VISIBILITY_FOLLOWERS:
      return "followers";
    case v1::VISIBILITY_PRIVATE:
      return "private";
    default:
      return "public";
  }
}

std::string LikesText(const v1::Photo& photo) {
  return fmt::format("{}{}", photo.like_count(), photo.liked() ? " (you)" : "");
}

std::string EventText(const v1::Notification& notification) {
  switch (notification.kind()) {
    case v1::Notification::KIND_FOLLOW:
      return "follows you";
    case v1::Notification::KIND_LIKE:
      return fmt::format("likes {}", notification.photo());
    case v1::Notification::KIND_COMMENT:
      return fmt::format("commented on {}", notification.photo());
    default:
      return "did something that this version of pinhole does not know";
  }
}

std::string RegistrationText(const v1::ServerInfo& info) {
  switch (info.registration()) {
    case v1::REGISTRATION_OPEN:
      return "open to anyone";
    case v1::REGISTRATION_CLOSED:
      return "closed";
    default:
      return "unknown";
  }
}

}  // namespace

std::string Describe(const v1::User& user) {
  Properties properties;
  properties.Add("user", At(user.name()))
      .Add("name", user.display_name())
      .Add("bio", user.bio())
      .Add("photos", user.photo_count())
      .Add("followers", user.follower_count())
      .Add("following", user.following_count())
      .Add("joined", FormatTime(user.create_time()));
  return properties.Take();
}

std::string Describe(const v1::Photo& photo) {
  Properties properties;
  properties.Add("photo", photo.name())
      .Add("owner", At(photo.owner()))
      .Add("caption", photo.caption())
      .Add("alt text", photo.alt_text())
      .Add("visibility", VisibilityText(photo.visibility()))
      .Add("published", FormatTime(photo.create_time()))
      .Add("size",
           fmt::format("{} x {}, {}, {}", photo.width(), photo.height(),
                       FormatBytes(photo.size_bytes()), photo.content_type()))
      .Add("likes", LikesText(photo))
      .Add("comments", photo.comment_count());
  return properties.Take();
}

std::string Describe(const v1::Comment& comment) {
  Properties properties;
  properties.Add("comment", comment.name())
      .Add("author", At(comment.author()))
      .Add("text", comment.text());
  return properties.Take();
}

std::string Describe(const v1::Relationship& relationship) {
  Properties properties;
  properties.Add("user", At(relationship.user()))
      .Add("following", YesNo(relationship.following()))
      .Add("followed by", YesNo(relationship.followed_by()))
      .Add("blocking", YesNo(relationship.blocking()));
  return properties.Take();
}

std::string Describe(const v1::ServerInfo& info) {
  std::string types;
  for (const auto& type : info.accepted_content_types()) {
    if (!types.empty()) types += ", ";
    types += type;
  }
  const v1::Limits& limits = info.limits();
  Properties properties;
  properties.Add("version", info.version())
      .Add("registration", RegistrationText(info))
      .Add("accepts", types)
      .Add("photo",
           fmt::format("at most {}, {:.0f} megapixels, {} pixels on each side",
                       FormatBytes(limits.max_photo_bytes()),
                       static_cast<double>(limits.max_photo_pixels()) / 1e6,
                       limits.max_photo_side()))
      .Add("caption", fmt::format("at most {} characters",
                                  limits.max_caption_characters()))
      .Add("comment", fmt::format("at most {} characters",
                                  limits.max_comment_characters()))
      .Add("password",
           fmt::format("{} to {} bytes", limits.min_password_bytes(),
                       limits.max_password_bytes()))
      .Add("following", fmt::format("at most {} users", limits.max_following()))
      .Add("blocking", fmt::format("at most {} users", limits.max_blocks()));
  return properties.Take();
}

std::string Describe(const v1::Backup& backup) {
  Properties properties;
  properties.Add("backup", backup.name())
      .Add("directory", backup.path())
      .Add("as of", FormatTime(backup.create_time()))
      .Add("took", fmt::format("{:.1f} s", static_cast<double>(
                                               backup.duration().seconds()) +
                                               backup.duration().nanos() / 1e9))
      .Add("verified", YesNo(backup.verified()))
      .Add("users", backup.user_count())
      .Add("photos", fmt::format("{}, {}", backup.photo_count(),
                                 FormatBytes(backup.photo_bytes())))
      .Add("database", FormatBytes(backup.database_bytes()));
  return properties.Take();
}

Table TableOf(const std::vector<v1::User>& users) {
  Table table({"USER", "NAME", "PHOTOS", "FOLLOWERS", "FOLLOWING"});
  for (const v1::User& user : users) {
    table.AddRow({At(user.name()), user.display_name(),
                  std::to_string(user.photo_count()),
                  std::to_string(user.follower_count()),
                  std::to_string(user.following_count())});
  }
  return table;
}

Table TableOf(const std::vector<std::string>& users) {
  Table table({"USER"});
  for (const std::string& user : users) table.AddRow({At(user)});
  return table;
}

Table TableOf(const std::vector<v1::Session>& sessions) {
  Table table({"", "SESSION", "CREATED (UTC)", "EXPIRES (UTC)"});
  for (const v1::Session& session : sessions) {
    table.AddRow({session.current() ? "current" : "", session.name(),
                  FormatTime(session.create_time()),
                  FormatTime(session.expire_time())});
  }
  return table;
}

Table TableOf(const std::vector<v1::Photo>& photos) {
  Table table({"PHOTO", "OWNER", "CAPTION", "LIKES", "COMMENTS", "VISIBILITY",
               "PUBLISHED (UTC)"});
  for (const v1::Photo& photo : photos) {
    table.AddRow({photo.name(), At(photo.owner()), photo.caption(),
                  LikesText(photo), std::to_string(photo.comment_count()),
                  VisibilityText(photo.visibility()),
                  FormatTime(photo.create_time())});
  }
  return table;
}

Table TableOf(const std::vector<v1::Comment>& comments) {
  Table table({"AUTHOR", "TEXT", "CREATED (UTC)", "COMMENT"});
  for (const v1::Comment& comment : comments) {
    table.AddRow({At(comment.author()), comment.text(),
                  FormatTime(comment.create_time()), comment.name()});
  }
  return table;
}

Table TableOf(const std::vector<v1::Like>& likes) {
  Table table({"USER", "NAME", "SINCE (UTC)"});
  for (const v1::Like& like : likes) {
    table.AddRow({At(like.user()), like.user_display_name(),
                  FormatTime(like.create_time())});
  }
  return table;
}

Table TableOf(const std::vector<v1::Notification>& notifications) {
  Table table({"", "WHO", "WHAT", "WHEN (UTC)"});
  for (const v1::Notification& notification : notifications) {
    table.AddRow({notification.read() ? "" : "new", At(notification.actor()),
                  EventText(notification),
                  FormatTime(notification.create_time())});
  }
  return table;
}

std::string Json(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string text;
  // Fails only for messages with unregistered types in an Any field, which the
  // API does not use.
  const auto printed =
      google::protobuf::util::MessageToJsonString(message, &text, options);
  return printed.ok() ? text : "{}";
}

std::string Json(const std::string& text) {
  google::protobuf::Value value;
  value.set_string_value(text);
  return Json(value);
}

}  // namespace pinhole::cli
