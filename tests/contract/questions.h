// SPDX-License-Identifier: Apache-2.0

// Every read method of a store, asked in one way, so that the answers of two
// stores can be compared as text.

#ifndef PINHOLE_TESTS_CONTRACT_QUESTIONS_H_
#define PINHOLE_TESTS_CONTRACT_QUESTIONS_H_

#include <string>
#include <vector>

#include "server/store/store.h"

namespace pinhole::testing {

// What a question may be about; each method takes of it what it needs.
struct Topic {
  UserId viewer;  // Or whose list it is, where nobody else may see it.
  UserId user;
  std::string handle;
  std::string after_handle;
  PhotoId photo;
  std::string token_hash;
  RequestKey request;
  std::string file_key;
  PageRequest page;
};

enum class Method {
  kFindUser,
  kFindUserByHandle,
  kSearchUsers,
  kFindCredentials,
  kFindCredentialsByHandle,
  kFindSession,
  kListSessions,
  kFindPhoto,
  kListPhotos,
  kListRecentPhotos,
  kListFeed,
  kPeekFeed,
  kListFeedSince,
  kLatestPhoto,
  kListFollowers,
  kListFollowing,
  kListLikes,
  kListComments,
  kListBlocks,
  kListNotifications,
  kFindRequest,
  kHasFileKey,
  kListGarbage,
  kListOutdated,
  kCountOutdated,
  kListAdministrators,
  kListRemovals,
};
inline constexpr int kMethods = static_cast<int>(Method::kListRemovals) + 1;

// The whole answer as text, of lists all pages from `topic.page` on.
std::string Ask(const Store& store, Method method, const Topic& topic);

// The question as text.
std::string Describe(Method method, const Topic& topic);

// All methods about `topic`: a line for each question and answer.
std::vector<std::string> AskAll(const Store& store, const Topic& topic);

}  // namespace pinhole::testing

#endif  // PINHOLE_TESTS_CONTRACT_QUESTIONS_H_
