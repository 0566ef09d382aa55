// SPDX-License-Identifier: Apache-2.0

#include <memory>
#include <utility>

#include "client/cli/commands/arguments.h"
#include "client/cli/commands/commands.h"
#include "fmt/format.h"
#include "pinhole/names.h"

namespace pinhole::cli {
namespace {

using client::Client;

constexpr char kGroup[] = "People";

using ToUser =
    absl::StatusOr<v1::Relationship> (Client::*)(const std::string& user) const;
using UsersOf = absl::StatusOr<std::vector<v1::User>> (Client::*)(
    const std::string& user, int limit) const;

// Adds follow, unfollow, block or unblock.  `line` has {} for the handle.
void AddRelation(CliCommand app, Context& context, const std::string& name,
                 const std::string& what, ToUser call,
                 const std::string& line) {
  CliCommand command = app.AddCommand(name, what).Group(kGroup);
  auto user = AddHandle(command);
  context.On(command, [&context, user, call, line]() -> absl::Status {
    auto connected = context.Connect();
    if (!connected.ok()) return connected.status();
    const auto relationship = ((*connected)->*call)(*user);
    if (!relationship.ok()) return relationship.status();
    const std::string handle = client::HandleOf(relationship->user());
    return context.Show(*relationship, fmt::format(fmt::runtime(line), handle));
  });
}

// Adds followers or following.
void AddUserList(CliCommand app, Context& context, const std::string& name,
                 const std::string& what, UsersOf call) {
  CliCommand command = app.AddCommand(name, what).Group(kGroup);
  auto user = AddOptionalHandle(command);
  auto limit = AddLimit(command);
  context.On(command, [&context, user, limit, call]() -> absl::Status {
    auto connected = context.Connect();
    if (!connected.ok()) return connected.status();
    return context.Show<v1::User>(((*connected)->*call)(*user, *limit));
  });
}

// Adds like or unlike.
template <typename Response>
void AddLike(CliCommand app, Context& context, const std::string& name,
             const std::string& what,
             absl::StatusOr<Response> (Client::*call)(const std::string&)
                 const) {
  CliCommand command = app.AddCommand(name, what).Group(kGroup);
  auto photo = AddPhoto(command);
  context.On(command, [&context, photo, call, name]() -> absl::Status {
    auto connected = context.Connect();
    if (!connected.ok()) return connected.status();
    const auto answer = ((*connected)->*call)(*photo);
    if (!answer.ok()) return answer.status();
    return context.Show(
        *answer, fmt::format("You {} {} ({} {}).",
                             answer->liked() ? "like" : "do not like", *photo,
                             answer->like_count(),
                             answer->like_count() == 1 ? "like" : "likes"));
  });
}

void AddComments(CliCommand app, Context& context) {
  CliCommand command = app.AddCommand("comment", "Comment on a photo");
  auto photo = AddPhoto(command.Group(kGroup));
  auto text = std::make_shared<std::string>();
  command.Add("TEXT", *text, "Text of the comment, at most 1000 characters")
      .Required();
  context.On(command, [&context, photo, text]() -> absl::Status {
    auto connected = context.Connect();
    if (!connected.ok()) return connected.status();
    return context.Show((*connected)->Comment(*photo, *text));
  });

  command =
      app.AddCommand("comments", "Show the comments on a photo, oldest first");
  photo = AddPhoto(command.Group(kGroup));
  auto limit = AddLimit(command);
  context.On(command, [&context, photo, limit]() -> absl::Status {
    auto connected = context.Connect();
    if (!connected.ok()) return connected.status();
    return context.Show<v1::Comment>((*connected)->Comments(*photo, *limit));
  });

  command = app.AddCommand(
      "uncomment",
      "Delete one of your comments, or a comment on one of your photos; "
      "administrators can delete any comment");
  auto comment = AddComment(command.Group(kGroup));
  context.On(command, [&context, comment]() -> absl::Status {
    auto connected = context.Connect();
    if (!connected.ok()) return connected.status();
    auto status = (*connected)->DeleteComment(*comment);
    if (status.ok()) context.Say(fmt::format("Deleted {}.", *comment));
    return status;
  });
}

void AddLikes(CliCommand app, Context& context) {
  AddLike(app, context, "like", "Like a photo", &Client::Like);
  AddLike(app, context, "unlike", "Remove your like from a photo",
          &Client::Unlike);
  CliCommand command =
      app.AddCommand("likes", "Show the likes of a photo, most recent first");
  auto photo = AddPhoto(command.Group(kGroup));
  auto limit = AddLimit(command);
  context.On(command, [&context, photo, limit]() -> absl::Status {
    auto connected = context.Connect();
    if (!connected.ok()) return connected.status();
    return context.Show<v1::Like>((*connected)->Likes(*photo, *limit));
  });
}

void AddBlocks(CliCommand app, Context& context) {
  AddRelation(app, context, "block",
              "Block a user: hide you and the user from each other",
              &Client::Block, "You block @{}.");
  AddRelation(app, context, "unblock", "Remove your block of a user",
              &Client::Unblock, "You do not block @{}.");
  CliCommand command = app.AddCommand(
      "blocks", "Show the users that you block, most recent first");
  auto limit = AddLimit(command.Group(kGroup));
  context.On(command, [&context, limit]() -> absl::Status {
    auto connected = context.Connect();
    if (!connected.ok()) return connected.status();
    return context.Show<std::string>((*connected)->Blocks(*limit));
  });
}

absl::Status ShowNotifications(Context& context, int limit, bool mark_read) {
  auto connected = context.Connect();
  if (!connected.ok()) return connected.status();
  auto shown =
      context.Show<v1::Notification>((*connected)->Notifications(limit));
  if (!shown.ok() || !mark_read) return shown;
  return (*connected)->MarkNotificationsRead();
}

}  // namespace

void AddSocialCommands(CliCommand app, Context& context) {
  AddLikes(app, context);
  AddComments(app, context);
  AddRelation(app, context, "follow", "Follow a user", &Client::Follow,
              "You follow @{}.");
  AddRelation(app, context, "unfollow", "Stop following a user",
              &Client::Unfollow, "You do not follow @{}.");
  AddBlocks(app, context);
  AddUserList(app, context, "followers", "Show the followers of a user",
              &Client::Followers);
  AddUserList(app, context, "following", "Show the users that a user follows",
              &Client::Following);

  CliCommand command =
      app.AddCommand("search", "Find users by the beginning of their handle");
  command.Group(kGroup);
  auto prefix = std::make_shared<std::string>();
  command.Add("PREFIX", *prefix, "Beginning of the handle").Required();
  auto limit = AddLimit(command);
  context.On(command, [&context, prefix, limit]() -> absl::Status {
    auto connected = context.Connect();
    if (!connected.ok()) return connected.status();
    return context.Show<v1::User>((*connected)->SearchUsers(*prefix, *limit));
  });

  command = app.AddCommand("notifications", "Show your notifications");
  limit = AddLimit(command.Group(kGroup));
  auto mark_read = std::make_shared<bool>(false);
  command.AddFlag("--mark-read", *mark_read, "Mark all notifications as read");
  context.On(command, [&context, limit, mark_read] {
    return ShowNotifications(context, *limit, *mark_read);
  });
}

}  // namespace pinhole::cli
