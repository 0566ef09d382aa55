// SPDX-License-Identifier: Apache-2.0

// Who may see what, as pieces of SQL: the only place that knows.  In all of
// them ?1 is the viewer, 0 if nobody is signed in.

#ifndef PINHOLE_SERVER_STORE_SQLITE_TABLES_VISIBILITY_H_
#define PINHOLE_SERVER_STORE_SQLITE_TABLES_VISIBILITY_H_

#include <string>
#include <string_view>

namespace pinhole::store {

// Whether a block, of either side, keeps the viewer and the user with the id
// `user` (an SQL expression) apart.
std::string KeptApart(std::string_view user);

// The largest visibility (model/photo.h orders them) of photos of the user
// `owner` that the viewer may see, blocks aside.
std::string Reach(std::string_view owner);

// Whether the viewer may see the photo `p`.
std::string Visible();

// Whether the owner of the photo `p` blocks the user `user`.
std::string BlockedByOwner(std::string_view user);

// Whether the viewer, who may see the photo `p`, sees the likes and comments of
// the user `user` under it: the photo's owner sees all of them, others those of
// users who are neither kept apart from them nor blocked by the owner.
std::string ShownUnder(std::string_view user);

// How many rows of `table`, with the user in the column `who` and meeting
// `condition`, are by users kept apart from the viewer.  `rows` is how many
// meet `condition`, or more.  Costs a probe for each of these or for each user
// kept apart from the viewer, whichever are fewer.
std::string CountKeptApart(std::string_view table, std::string_view who,
                           std::string_view condition, std::string_view rows);

// The like and comment counts of the photo `p` as the viewer may see them.
std::string LikeCount();
std::string CommentCount();

}  // namespace pinhole::store

#endif  // PINHOLE_SERVER_STORE_SQLITE_TABLES_VISIBILITY_H_
