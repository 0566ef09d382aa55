// SPDX-License-Identifier: Apache-2.0

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "base/status_macros.h"
#include "server/model/limits.h"
#include "tests/support/model_store/apply.h"
#include "tests/support/model_store/view.h"

namespace pinhole::testing::model {
namespace {

bool Exists(const Rows& rows, UserId user) {
  return Any(rows.users, [&](const UserRow& u) { return u.id == user; });
}

bool Follows(const Rows& rows, UserId follower, UserId followee) {
  return Any(rows.follows, [&](const FollowRow& f) {
    return f.follower == follower && f.followee == followee;
  });
}

bool Blocks(const Rows& rows, UserId blocker, UserId blocked) {
  return Any(rows.blocks, [&](const BlockRow& b) {
    return b.blocker == blocker && b.blocked == blocked;
  });
}

Relationship Between(const Rows& rows, UserId actor, UserId user) {
  return Relationship{UserOf(rows, user).handle, Follows(rows, actor, user),
                      Follows(rows, user, actor), Blocks(rows, actor, user)};
}

// Whether `actor` may follow and unfollow `user`.
absl::Status CheckFollow(const Rows& rows, UserId actor, UserId user) {
  if (!Exists(rows, actor)) return NoSuchUser();
  return View(rows, actor).SeparatedByBlock(user) || !Exists(rows, user)
             ? NoSuchUser()
             : absl::OkStatus();
}

// Whether `actor` may block and unblock `user`, who may block `actor`.
absl::Status CheckBlock(const Rows& rows, UserId actor, UserId user) {
  if (actor == user) return InvalidField("name", "must not be the caller");
  return Exists(rows, actor) && Exists(rows, user) ? absl::OkStatus()
                                                   : NoSuchUser();
}

void EndFollow(Rows& rows, UserId follower, UserId followee) {
  std::erase_if(rows.follows, [&](const FollowRow& f) {
    return f.follower == follower && f.followee == followee;
  });
}

absl::Status CheckLike(const Rows& rows, UserId actor, PhotoId photo) {
  if (!Exists(rows, actor)) return NoSuchPhoto();
  return View(rows, actor).CheckPhoto(photo);
}

LikeState StateOf(const Rows& rows, UserId actor, PhotoId photo) {
  const Photo shown = *View(rows, actor).FindPhoto(photo);
  return LikeState{shown.like_count, shown.liked};
}

absl::Status NoSuchComment() {
  return MakeError(Reason::kCommentNotFound, "there is no such comment");
}

}  // namespace

absl::StatusOr<Relationship> Apply(WriteTransaction& transaction,
                                   const FollowUser& command) {
  Rows& rows = transaction.rows;
  const auto& [actor, user] = command;
  if (actor == user) return InvalidField("name", "must not be the caller");
  RETURN_IF_ERROR(CheckFollow(rows, actor, user));
  if (Follows(rows, actor, user)) return Between(rows, actor, user);
  if (Count(rows.follows, [&](const FollowRow& f) {
        return f.follower == command.actor;
      }) >= limits::kMaxFollowing) {
    return MakeError(
        Reason::kTooManyFollowed,
        absl::StrCat("you can follow at most ", limits::kMaxFollowing,
                     " users; unfollow one first"));
  }
  rows.follows.push_back(
      FollowRow{transaction.NewId(), actor, user, transaction.now});
  return Between(rows, actor, user);
}

absl::StatusOr<Relationship> Apply(WriteTransaction& transaction,
                                   const UnfollowUser& command) {
  RETURN_IF_ERROR(CheckFollow(transaction.rows, command.actor, command.user));
  EndFollow(transaction.rows, command.actor, command.user);
  return Between(transaction.rows, command.actor, command.user);
}

absl::StatusOr<Relationship> Apply(WriteTransaction& transaction,
                                   const BlockUser& command) {
  Rows& rows = transaction.rows;
  const auto& [actor, user] = command;
  RETURN_IF_ERROR(CheckBlock(rows, actor, user));
  if (Blocks(rows, actor, user)) return Between(rows, actor, user);
  if (Count(rows.blocks, [&](const BlockRow& b) {
        return b.blocker == command.actor;
      }) >= limits::kMaxBlocks) {
    return MakeError(Reason::kTooManyBlocked,
                     absl::StrCat("you can block at most ", limits::kMaxBlocks,
                                  " users; unblock one first"));
  }
  rows.blocks.push_back(BlockRow{transaction.NewId(), actor, user});
  EndFollow(rows, actor, user);
  EndFollow(rows, user, actor);
  return Between(rows, actor, user);
}

absl::StatusOr<Relationship> Apply(WriteTransaction& transaction,
                                   const UnblockUser& command) {
  RETURN_IF_ERROR(CheckBlock(transaction.rows, command.actor, command.user));
  std::erase_if(transaction.rows.blocks, [&](const BlockRow& b) {
    return b.blocker == command.actor && b.blocked == command.user;
  });
  return Between(transaction.rows, command.actor, command.user);
}

absl::StatusOr<LikeState> Apply(WriteTransaction& transaction,
                                const LikePhoto& command) {
  Rows& rows = transaction.rows;
  const auto& [actor, photo] = command;
  RETURN_IF_ERROR(CheckLike(rows, actor, photo));
  if (!StateOf(rows, actor, photo).liked) {
    rows.likes.push_back(
        LikeRow{transaction.NewId(), actor, photo, transaction.now});
  }
  return StateOf(rows, actor, photo);
}

absl::StatusOr<LikeState> Apply(WriteTransaction& transaction,
                                const UnlikePhoto& command) {
  RETURN_IF_ERROR(CheckLike(transaction.rows, command.actor, command.photo));
  std::erase_if(transaction.rows.likes, [&](const LikeRow& l) {
    return l.user == command.actor && l.photo == command.photo;
  });
  return StateOf(transaction.rows, command.actor, command.photo);
}

absl::StatusOr<Comment> Apply(WriteTransaction& transaction,
                              const CreateComment& command) {
  Rows& rows = transaction.rows;
  const View actor(rows, command.actor);
  ASSIGN_OR_RETURN(const std::int64_t earlier,
                   FindRequest(rows, command.request, transaction.now));
  if (earlier != 0) {
    const CommentRow* const row = Find(rows.comments, [&](const CommentRow& c) {
      return c.id == CommentId{earlier};
    });
    if (row == nullptr) return NoSuchComment();
    return actor.Show(*row);
  }
  RETURN_IF_ERROR(actor.CheckUser(command.actor));
  RETURN_IF_ERROR(actor.CheckPhoto(command.photo));
  rows.comments.push_back(CommentRow{CommentId{transaction.NewId()},
                                     command.photo, command.actor, command.text,
                                     transaction.now});
  const CommentRow& made = rows.comments.back();
  RememberRequest(transaction, command.request, made.id.value, command.actor);
  return actor.Show(made);
}

absl::StatusOr<DeleteComment::Result> Apply(WriteTransaction& transaction,
                                            const DeleteComment& command) {
  DeleteComment::Result result;
  Rows& rows = transaction.rows;
  const View actor(rows, command.actor);
  const CommentRow* const comment =
      Find(rows.comments, [&](const CommentRow& c) {
        return c.id == command.comment && c.photo == command.photo;
      });
  if (comment == nullptr) return NoSuchComment();
  const Photo& photo =
      *Find(rows.photos, [&](const Photo& p) { return p.id == command.photo; });
  const bool own =
      command.actor == comment->author || command.actor == photo.owner;
  if (!own && IsAdministrator(rows, command.actor)) {
    result.removal = RecordRemoval(transaction, command.actor, comment->author,
                                   {.kind = Removal::Kind::kComment,
                                    .photo = command.photo,
                                    .comment = command.comment});
  } else if (!own) {
    if (!actor.Sees(photo) || !actor.SeesUnder(photo, comment->author)) {
      return NoSuchComment();
    }
    return MakeError(
        Reason::kCommentNotOwned,
        "only the author of a comment and the owner of the photo can delete "
        "it");
  }
  std::erase_if(rows.comments,
                [&](const CommentRow& c) { return c.id == command.comment; });
  return result;
}

absl::StatusOr<Nothing> Apply(WriteTransaction& transaction,
                              const MarkNotificationsRead& command) {
  UserRow* const user = Find(transaction.rows.users, [&](const UserRow& u) {
    return u.id == command.user;
  });
  if (user == nullptr) return Nothing{};
  // At most the newest id, so that later notifications are unread.
  std::int64_t newest = 0;
  for (const auto& [node, tick] : transaction.rows.last_ticks) {
    newest = std::max(newest, tick << 10 | node);
  }
  const std::int64_t last =
      command.last ? std::min(command.last.value, newest) : newest;
  user->last_read_id = std::max(user->last_read_id, last);
  return Nothing{};
}

}  // namespace pinhole::testing::model
