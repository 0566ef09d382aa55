// SPDX-License-Identifier: Apache-2.0

#include "base/status_macros.h"
#include "server/store/postgres/writes/batch/decide.h"
#include "server/store/store_errors.h"

namespace pinhole::postgres {

void Want(Draft& draft, const CreateComment& command) {
  draft.requests.Want(command.request);
  draft.users.Want(command.actor);
  draft.photos.Want(command.photo);
  draft.likes.Want(command.actor, command.photo);  // Whether it is visible.
}

absl::StatusOr<Comment> Decide(Draft& draft, const CreateComment& command) {
  ASSIGN_OR_RETURN(const std::int64_t earlier,
                   draft.requests.Find(command.request));
  if (earlier != 0) {
    return Comments::Find(draft.transaction, CommentId{earlier}, command.photo,
                          draft.requests.UserOf(command.request));
  }
  const Users::Row* const author = draft.users.Find(command.actor);
  if (author == nullptr) return store::NoSuchUser();
  ASSIGN_OR_RETURN(const Photos::Row photo,
                   draft.VisiblePhoto(command.actor, command.photo));
  const std::int64_t id = draft.transaction.NewId();
  const Comment comment{CommentId{id},  command.photo,
                        author->handle, author->display_name,
                        command.text,   draft.transaction.now};
  draft.comments.Add(comment, photo.owner, command.actor);
  draft.photos.CountComment(command.photo);
  draft.notifications.Add(photo.owner, id, Notification::Kind::kComment,
                          command.actor, command.photo);
  draft.requests.Remember(command.request, id, command.actor);
  return comment;
}

}  // namespace pinhole::postgres
