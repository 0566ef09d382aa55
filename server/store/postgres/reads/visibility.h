// SPDX-License-Identifier: Apache-2.0

// The visibility rules (server/store/commands.h), as SQL expressions.  In all
// of them $1 is the viewer; 0 if not signed in.
//
// Each probe is a subquery that yields a row or a null.  PostgreSQL then looks
// up one key for each row that it checks, in the order of the list, and stops
// when the page is full; it could turn EXISTS into a join of whole tables.

#pragma once

#include <string>
#include <string_view>

namespace pinhole::postgres {

// The viewers that a statement is for.  One for viewers whom no block concerns
// looks for no blocks, and takes half the time of the other one.
enum class Viewers { kAll, kWithoutBlocks };

// Whether a block, by either side, concerns the viewer.
inline constexpr std::string_view kHasBlocks =
    "((SELECT true FROM blocks WHERE user_id = $1 LIMIT 1) IS NOT NULL)";

// Begins every statement with counts: `viewer.blocks` is the number of blocks
// that concern the viewer.
inline constexpr std::string_view kWithViewer =
    "WITH viewer AS MATERIALIZED "
    "(SELECT count(*) AS blocks FROM blocks WHERE user_id = $1) ";

// Whether the user `follower` (an SQL expression) follows `followee`.
std::string Follows(std::string_view follower, std::string_view followee);

// Whether a block, by either side, separates the viewer and the user with the
// id `user`.
std::string SeparatedByBlock(std::string_view user);

// The largest visibility (as ordered in model/photo.h) of photos of the user
// `owner` that the viewer may see.  Ignores blocks.
std::string Reach(std::string_view owner);

// Whether the viewer may see the photo `p`.
std::string Visible(Viewers viewers = Viewers::kAll);

// Whether the owner of the photo `p` blocks the user `user`.
std::string BlockedByOwner(std::string_view user);

// Whether the viewer sees the likes and comments of the user `user` on the
// photo `p`, which must be visible to the viewer.
std::string SeesContentOf(std::string_view user);

// The condition of the indexes that only lists and counts use (steps.cc).
inline constexpr std::string_view kListsOnly = " AND t.id > 0";

// The number of rows `t` of `table` that meet `condition` and whose user, in
// the column `who`, a block separates from the viewer.  `rows` is an upper
// bound of the rows that meet `condition`.  Costs a probe per such row or per
// block of the viewer, whichever are fewer.  `index` is kListsOnly if the rows
// have such an index.  Requires kWithViewer.
std::string CountSeparated(Viewers viewers, std::string_view table,
                           std::string_view who, std::string_view condition,
                           std::string_view rows, std::string_view index);

// The like and comment counts of the photo `p` as the viewer sees them.
// Require kWithViewer.
std::string LikeCount(Viewers viewers);
std::string CommentCount(Viewers viewers);

}  // namespace pinhole::postgres
