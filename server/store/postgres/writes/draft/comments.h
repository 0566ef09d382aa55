// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/model/ids.h"
#include "server/model/social.h"
#include "server/store/postgres/db/pipeline.h"
#include "server/store/postgres/writes/write_transaction.h"

namespace pinhole::postgres {

// The comments that a batch adds.
class Comments {
 public:
  // `owner` is that of the photo.
  void Add(const Comment& comment, UserId owner, UserId author) {
    added_.push_back({comment, owner, author});
  }

  // Finds a stored comment.  Costs a look at all comments of the author, if the
  // comment is not on `photo`.  Errors: NOT_FOUND.
  static absl::StatusOr<Comment> Find(const WriteTransaction& transaction,
                                      CommentId comment, PhotoId photo,
                                      UserId author);

  void Save(Pipeline& pipeline, absl::Time now) const;

 private:
  struct NewComment {
    Comment comment;
    UserId owner;  // Of the photo.
    UserId author;
  };
  std::vector<NewComment> added_;
};

}  // namespace pinhole::postgres
