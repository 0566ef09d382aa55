// SPDX-License-Identifier: Apache-2.0

// The statements of all reads, with the distribution key of each.

#pragma once

#include <vector>

#include "server/store/postgres/schema/distribution.h"

namespace pinhole::postgres {

std::vector<ListedStatement> ReadStatements();

// The parts of that list, each next to its statements.
using Statements = std::vector<ListedStatement>;
Statements BlockStatements();
Statements CommentStatements();
Statements FeedStatements();
Statements FollowStatements();
Statements LikeStatements();
Statements NotificationStatements();
Statements PhotoStatements();
Statements PhotoFileStatements();
Statements RemovalStatements();
Statements RequestStatements();
Statements SessionStatements();
Statements UserStatements();

}  // namespace pinhole::postgres
