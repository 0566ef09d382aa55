// SPDX-License-Identifier: Apache-2.0

#include "server/store/postgres/reads/statements.h"

namespace pinhole::postgres {

Statements ReadStatements() {
  Statements all;
  for (const auto part :
       {BlockStatements, CommentStatements, FeedStatements, FollowStatements,
        LikeStatements, NotificationStatements, PhotoStatements,
        PhotoFileStatements, RemovalStatements, RequestStatements,
        SessionStatements, UserStatements}) {
    const Statements statements = part();
    all.insert(all.end(), statements.begin(), statements.end());
  }
  return all;
}

}  // namespace pinhole::postgres
