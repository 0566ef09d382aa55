// SPDX-License-Identifier: Apache-2.0

#include "tests/contract/questions.h"

#include <iterator>

#include "tests/contract/text_of.h"

namespace pinhole::testing {
namespace {

constexpr const char* kNames[] = {"FindUser",
                                  "FindUser by handle",
                                  "SearchUsers",
                                  "FindCredentials",
                                  "FindCredentials by handle",
                                  "FindSession",
                                  "ListSessions",
                                  "FindPhoto",
                                  "ListPhotos",
                                  "ListRecentPhotos",
                                  "ListFeed",
                                  "PeekFeed",
                                  "ListFeedSince",
                                  "LatestPhoto",
                                  "ListFollowers",
                                  "ListFollowing",
                                  "ListLikes",
                                  "ListComments",
                                  "ListBlocks",
                                  "ListNotifications",
                                  "FindRequest",
                                  "HasFileKey",
                                  "ListGarbage",
                                  "ListOutdated",
                                  "CountOutdated",
                                  "ListAdministrators",
                                  "ListRemovals"};
static_assert(std::size(kNames) == kMethods);

// Random photos have a version from 0 to 3.
constexpr std::int32_t kSomeVersion = 3;

// Far more than any list here has: a list that does not end is a mistake too.
constexpr int kMaxPages = 1000;

template <typename List>
std::string AllPages(PageRequest page, List list) {
  std::string text;
  for (int i = 0; i < kMaxPages; ++i) {
    const auto answer = list(page);
    absl::StrAppend(&text, Text::Of(answer), "\n");
    if (!answer.ok() || answer->next == 0) return text;
    page.after = answer->next;
  }
  return text + "and no end";
}

}  // namespace

std::string Ask(const Store& store, Method method, const Topic& t) {
  const auto pages = [&](auto list) { return AllPages(t.page, list); };
  switch (method) {
    case Method::kFindUser:
      return Text::Of(store.FindUser(t.viewer, t.user));
    case Method::kFindUserByHandle:
      return Text::Of(store.FindUser(t.viewer, t.handle));
    case Method::kSearchUsers:
      return Text::Of(store.SearchUsers(t.viewer, t.handle.substr(0, 2),
                                        t.after_handle, t.page.limit));
    case Method::kFindCredentials:
      return Text::Of(store.FindCredentials(t.user));
    case Method::kFindCredentialsByHandle:
      return Text::Of(store.FindCredentials(t.handle));
    case Method::kFindSession:
      return Text::Of(store.FindSession(t.token_hash));
    case Method::kListSessions:
      return pages([&](auto page) { return store.ListSessions(t.user, page); });
    case Method::kFindPhoto:
      return Text::Of(store.FindPhoto(t.viewer, t.photo));
    case Method::kListPhotos:
      return pages(
          [&](auto page) { return store.ListPhotos(t.viewer, t.user, page); });
    case Method::kListRecentPhotos:
      return pages(
          [&](auto page) { return store.ListRecentPhotos(t.viewer, page); });
    case Method::kListFeed:
      return pages([&](auto page) { return store.ListFeed(t.viewer, page); });
    case Method::kPeekFeed:
      if (const auto feed = store.PeekFeed(t.viewer, t.page)) {
        return Text::Of(*feed);
      }
      return Text::Of(store.ListFeed(t.viewer, t.page));
    case Method::kListFeedSince:
      return Text::Of(store.ListFeedSince(t.viewer, t.photo, t.page.limit));
    case Method::kLatestPhoto:
      return Text::Of(store.LatestPhoto());
    case Method::kListFollowers:
      return pages([&](auto page) {
        return store.ListFollowers(t.viewer, t.user, page);
      });
    case Method::kListFollowing:
      return pages([&](auto page) {
        return store.ListFollowing(t.viewer, t.user, page);
      });
    case Method::kListLikes:
      return pages(
          [&](auto page) { return store.ListLikes(t.viewer, t.photo, page); });
    case Method::kListComments:
      return pages([&](auto page) {
        return store.ListComments(t.viewer, t.photo, page);
      });
    case Method::kListBlocks:
      return pages([&](auto page) { return store.ListBlocks(t.viewer, page); });
    case Method::kListNotifications:
      return pages(
          [&](auto page) { return store.ListNotifications(t.viewer, page); });
    case Method::kFindRequest:
      return Text::Of(store.FindRequest(t.request));
    case Method::kHasFileKey:
      return Text::Of(store.HasFileKey(t.file_key));
    case Method::kListGarbage:
      return Text::Of(store.ListGarbage(t.page.limit));
    case Method::kListOutdated:
      return Text::Of(store.ListOutdated(kSomeVersion, t.page.limit));
    case Method::kCountOutdated:
      return Text::Of(store.CountOutdated(kSomeVersion));
    case Method::kListAdministrators:
      return Text::Of(store.ListAdministrators());
    case Method::kListRemovals:
      return pages([&](auto page) { return store.ListRemovals(page); });
  }
  return "no such method";
}

std::string Describe(Method method, const Topic& topic) {
  return absl::StrCat(kNames[static_cast<int>(method)], " ", Text::Of(topic));
}

std::vector<std::string> AskAll(const Store& store, const Topic& topic) {
  std::vector<std::string> answers;
  for (int i = 0; i < kMethods; ++i) {
    const Method method{i};
    answers.push_back(
        absl::StrCat(Describe(method, topic), "\n", Ask(store, method, topic)));
  }
  return answers;
}

}  // namespace pinhole::testing
