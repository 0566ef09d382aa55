// SPDX-License-Identifier: Apache-2.0

#include "tests/contract/questions.h"

#include <iterator>
#include <utility>

#include "tests/contract/text_of.h"
#include "tests/support/blocking_reader.h"

namespace pinhole::testing {
namespace {

// Random photos have a version from 0 to 3.
constexpr std::int32_t kSomeVersion = 3;

// Far more than any list has; finds lists that do not end.
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
  return text + "does not end";
}

struct Asked {
  const Store& store;
  BlockingReader reader;
};
using S = const Asked;
using T = const Topic;
using P = PageRequest;

absl::StatusOr<Page<Photo>> PeekOrListFeed(S& s, T& topic) {
  auto page = s.store.PeekFeed(topic.viewer, topic.page);
  if (page) return *std::move(page);
  return s.reader.ListFeed(topic.viewer, topic.page);
}

struct Method {
  const char* name;
  std::string (*ask)(S& s, T& topic);
};
template <auto kCall>
constexpr Method One(const char* name) {
  return {name, [](S& s, T& t) { return Text::Of(kCall(s, t)); }};
}
template <auto kCall>
constexpr Method Pages(const char* name) {
  return {name, [](S& s, T& t) {
            return AllPages(t.page, [&](P p) { return kCall(s, t, p); });
          }};
}

constexpr Method kAll[] = {
    One<[](S& s, T& t) { return s.reader.FindUser(t.viewer, t.user); }>(
        "FindUser"),
    One<[](S& s, T& t) { return s.reader.FindUser(t.viewer, t.handle); }>(
        "FindUser by handle"),
    One<[](S& s, T& t) {
      return s.reader.SearchUsers(t.viewer, t.handle.substr(0, 2),
                                  t.after_handle, t.page.limit);
    }>("SearchUsers"),
    One<[](S& s, T& t) { return s.reader.FindCredentials(t.user); }>(
        "FindCredentials"),
    One<[](S& s, T& t) { return s.reader.FindCredentials(t.handle); }>(
        "FindCredentials by handle"),
    One<[](S& s, T& t) { return s.reader.FindSession(t.token_hash); }>(
        "FindSession"),
    Pages<[](S& s, T& t, P p) { return s.reader.ListSessions(t.user, p); }>(
        "ListSessions"),
    One<[](S& s, T& t) { return s.reader.FindPhoto(t.viewer, t.photo); }>(
        "FindPhoto"),
    Pages<[](S& s, T& t, P p) {
      return s.reader.ListPhotos(t.viewer, t.user, p);
    }>("ListPhotos"),
    Pages<[](S& s, T& t, P p) {
      return s.reader.ListRecentPhotos(t.viewer, p);
    }>("ListRecentPhotos"),
    Pages<[](S& s, T& t, P p) { return s.reader.ListFeed(t.viewer, p); }>(
        "ListFeed"),
    One<[](S& s, T& t) { return PeekOrListFeed(s, t); }>("PeekFeed"),
    One<[](S& s, T& t) {
      return s.reader.ListFeedSince(t.viewer, t.photo, t.page.limit);
    }>("ListFeedSince"),
    One<[](S& s, T&) { return s.reader.LatestPhoto(); }>("LatestPhoto"),
    Pages<[](S& s, T& t, P p) {
      return s.reader.ListFollowers(t.viewer, t.user, p);
    }>("ListFollowers"),
    Pages<[](S& s, T& t, P p) {
      return s.reader.ListFollowing(t.viewer, t.user, p);
    }>("ListFollowing"),
    Pages<[](S& s, T& t, P p) {
      return s.reader.ListLikes(t.viewer, t.photo, p);
    }>("ListLikes"),
    Pages<[](S& s, T& t, P p) {
      return s.reader.ListComments(t.viewer, t.photo, p);
    }>("ListComments"),
    Pages<[](S& s, T& t, P p) { return s.reader.ListBlocks(t.viewer, p); }>(
        "ListBlocks"),
    Pages<[](S& s, T& t, P p) {
      return s.reader.ListNotifications(t.viewer, p);
    }>("ListNotifications"),
    One<[](S& s, T& t) { return s.reader.FindRequest(t.request); }>(
        "FindRequest"),
    One<[](S& s, T& t) { return s.reader.HasFileKey(t.file_key); }>(
        "HasFileKey"),
    One<[](S& s, T& t) { return s.reader.ListGarbage(t.page.limit); }>(
        "ListGarbage"),
    One<[](S& s, T& t) {
      return s.reader.ListOutdated(kSomeVersion, t.page.limit);
    }>("ListOutdated"),
    One<[](S& s, T&) { return s.reader.CountOutdated(kSomeVersion); }>(
        "CountOutdated"),
    One<[](S& s, T&) { return s.reader.ListAdministrators(); }>(
        "ListAdministrators"),
    Pages<[](S& s, T&, P p) { return s.reader.ListRemovals(p); }>(
        "ListRemovals"),
};
static_assert(std::size(kAll) == kMethods);

}  // namespace

std::string Ask(Store& store, int method, const Topic& topic) {
  const Asked asked{store, BlockingReader(store)};
  return kAll[method].ask(asked, topic);
}

std::string Describe(int method, const Topic& topic) {
  return absl::StrCat(kAll[method].name, " ", Text::Of(topic));
}

std::vector<std::string> AskAll(Store& store, const Topic& topic) {
  std::vector<std::string> answers;
  for (int method = 0; method < kMethods; ++method) {
    answers.push_back(
        absl::StrCat(Describe(method, topic), "\n", Ask(store, method, topic)));
  }
  return answers;
}

}  // namespace pinhole::testing
