// SPDX-License-Identifier: Apache-2.0

#include "tests/support/model_store/rows.h"

#include <functional>
#include <string_view>
#include <utility>

namespace pinhole::testing::model {
namespace {

// The texts of the flags that are set.
std::vector<std::string> Those(
    const std::vector<std::pair<std::string_view, bool>>& flags) {
  std::vector<std::string> set;
  for (const auto& [text, flag] : flags) {
    if (flag) set.emplace_back(text);
  }
  return set;
}

template <typename Table, typename Key>
bool Repeats(const Table& rows, Key key) {
  std::set<std::string> seen;
  return Any(rows, [&](const auto& row) {
    return !seen.insert(std::invoke(key, row)).second;
  });
}

}  // namespace

std::vector<std::string> FindMistakes(const Rows& rows) {
  const auto no_user = [&](UserId user) {
    return !Any(rows.users, [&](const UserRow& u) { return u.id == user; });
  };
  const auto no_photo = [&](PhotoId photo) {
    return !Any(rows.photos, [&](const Photo& p) { return p.id == photo; });
  };
  return Those({
      {"a handle twice", Repeats(rows.users, &UserRow::handle)},
      {"a token twice", Repeats(rows.sessions, &Session::token_hash)},
      {"a file twice", Repeats(rows.photos, &Photo::file_key)},
      {"a session without a user",
       Any(rows.sessions, [&](const auto& s) { return no_user(s.user); })},
      {"a photo without an owner",
       Any(rows.photos, [&](const auto& p) { return no_user(p.owner); })},
      {"a photo that is garbage",
       Any(rows.photos,
           [&](const auto& p) { return rows.garbage.contains(p.file_key); })},
      {"a photo that is an upload",
       Any(rows.photos,
           [&](const auto& p) { return rows.uploads.contains(p.file_key); })},
      {"an upload that is garbage",
       Any(rows.uploads,
           [&](const auto& u) { return rows.garbage.contains(u.first); })},
      {"a follow without both users", Any(rows.follows,
                                          [&](const auto& f) {
                                            return no_user(f.follower) ||
                                                   no_user(f.followee);
                                          })},
      {"a follow across a block",
       Any(rows.follows,
           [&](const auto& f) {
             return Any(rows.blocks, [&](const auto& b) {
               return (b.blocker == f.follower && b.blocked == f.followee) ||
                      (b.blocker == f.followee && b.blocked == f.follower);
             });
           })},
      {"a like without a photo",
       Any(rows.likes, [&](const auto& l) { return no_photo(l.photo); })},
      {"a like without a user",
       Any(rows.likes, [&](const auto& l) { return no_user(l.user); })},
      {"a comment without a photo",
       Any(rows.comments, [&](const auto& c) { return no_photo(c.photo); })},
      {"a comment without an author",
       Any(rows.comments, [&](const auto& c) { return no_user(c.author); })},
  });
}

std::vector<std::string> FindTraces(const Rows& rows, UserId user) {
  return Those({
      {"users", Any(rows.users, [&](const auto& u) { return u.id == user; })},
      {"sessions",
       Any(rows.sessions, [&](const auto& s) { return s.user == user; })},
      {"photos",
       Any(rows.photos, [&](const auto& p) { return p.owner == user; })},
      {"follows", Any(rows.follows,
                      [&](const auto& f) {
                        return f.follower == user || f.followee == user;
                      })},
      {"likes", Any(rows.likes, [&](const auto& l) { return l.user == user; })},
      {"comments",
       Any(rows.comments, [&](const auto& c) { return c.author == user; })},
      {"blocks", Any(rows.blocks,
                     [&](const auto& b) {
                       return b.blocker == user || b.blocked == user;
                     })},
      {"requests", Any(rows.requests,
                       [&](const auto& r) { return r.second.user == user; })},
  });
}

}  // namespace pinhole::testing::model
