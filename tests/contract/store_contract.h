// SPDX-License-Identifier: Apache-2.0

// The contract of Store.  A suite derives its fixture from StoreContract and is
// instantiated for all of `AllStores()`.

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/store.h"
#include "tests/support/blocking_reader.h"
#include "tests/support/manual_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace pinhole::testing {

// A kind of store.
struct StoreKind {
  std::string name;
  bool durable = false;  // Keeps its data when it is opened again.
  std::function<std::unique_ptr<Store>(const std::filesystem::path& folder,
                                       const Clock& clock)>
      open;
  // Recomputes the counts of the closed `store` and searches for rows that
  // refer to missing rows; returns descriptions.
  std::function<std::vector<std::string>(const std::filesystem::path& folder,
                                         const Store& store)>
      find_mistakes;
  // The places in the closed `store` that contain a user.
  std::function<std::vector<std::string>(const std::filesystem::path& folder,
                                         const Store& store, UserId user)>
      find_traces;
  // The queue of a command, which is also the node of its ids
  // (store::IdSequence).  Commands in different queues have no order.
  int (*queue_of)(const Command& command) = [](const Command&) { return 0; };
  // StoreStats.rows is exact at every time.
  bool exact_row_counts = true;
};

std::vector<StoreKind> AllStores();
std::vector<StoreKind> DurableStores();
// Stores whose ids grow with every command, also within a millisecond.  Two
// servers do not know of each other's ids.
std::vector<StoreKind> OrderedStores();
// Durable stores that run the commands of each queue in the order of
// submission.
std::vector<StoreKind> QueuedStores();
// Of these, the kinds in SQLite.
std::vector<StoreKind> SqliteStores();
// Stores that do not sync every command separately.
std::vector<StoreKind> QuickStores();

// Runs one command and waits for its answer.
template <typename C>
absl::StatusOr<typename C::Result> Do(Store& store, C command,
                                      WriteOptions options = {}) {
  absl::Notification answered;
  absl::StatusOr<CommandResult> result;
  store.Submit(Command(std::move(command)), options,
               [&](absl::StatusOr<CommandResult> r) {
                 result = std::move(r);
                 answered.Notify();
               });
  answered.WaitForNotification();
  if (!result.ok()) return std::move(result).status();
  return std::get<typename C::Result>(*std::move(result));
}

class StoreContract : public ::testing::TestWithParam<StoreKind> {
 protected:
  StoreContract() { Open(); }
  void TearDown() override {
    store_->Close();
    EXPECT_THAT(GetParam().find_mistakes(folder_.path(), *store_),
                ::testing::IsEmpty());
  }

  void Open() { store_ = GetParam().open(folder_.path(), clock_); }
  void Reopen() {
    store_.reset();
    Open();
  }
  Store& store() { return *store_; }
  BlockingReader reader() { return BlockingReader(*store_); }

  template <typename C>
  absl::StatusOr<typename C::Result> Try(C command) {
    return Do(*store_, std::move(command));
  }

  UserId Register(const std::string& handle) {
    return Try(CreateUser{handle, "Name of " + handle, "hash", {}}).value().id;
  }
  Photo Publish(UserId owner, Visibility visibility = Visibility::kPublic,
                std::string caption = "") {
    return Try(NewPhoto(owner, visibility, std::move(caption))).value();
  }
  // A file key that is recorded as an upload.
  std::string NewUpload(std::string key = {}) {
    if (key.empty()) key = "key" + std::to_string(++files_);
    EXPECT_THAT(Try(RecordUpload{key}), IsOk());
    return key;
  }
  AddPhoto NewPhoto(UserId owner, Visibility visibility = Visibility::kPublic,
                    std::string caption = "") {
    return AddPhoto{
        owner, NewUpload(), std::move(caption), "alt", visibility, 640,
        480,   12345,       "image/jpeg",       {}};
  }
  void Follow(UserId actor, UserId user) {
    ASSERT_THAT(Try(FollowUser{actor, user}), IsOk());
  }
  void Block(UserId actor, UserId user) {
    ASSERT_THAT(Try(BlockUser{actor, user}), IsOk());
  }
  void Like(UserId actor, PhotoId photo) {
    ASSERT_THAT(Try(LikePhoto{actor, photo}), IsOk());
  }
  CommentId Remark(UserId actor, PhotoId photo, std::string text = "nice") {
    return Try(CreateComment{actor, photo, std::move(text), {}}).value().id;
  }

  User UserAs(UserId viewer, UserId user) {
    return reader().FindUser(viewer, user).value();
  }
  Photo PhotoAs(UserId viewer, PhotoId photo) {
    return reader().FindPhoto(viewer, photo).value();
  }

  // All items of a list, read in pages of `limit`.
  template <typename List>
  static auto ReadAll(List list, int limit = 2) {
    auto page = list(PageRequest{0, limit}).value();
    auto items = page.items;
    while (page.next != 0) {
      EXPECT_EQ(page.items.size(), static_cast<std::size_t>(limit));
      page = list(PageRequest{page.next, limit}).value();
      items.insert(items.end(), page.items.begin(), page.items.end());
    }
    return items;
  }
  static std::vector<PhotoId> Ids(const std::vector<Photo>& photos) {
    std::vector<PhotoId> ids;
    ids.reserve(photos.size());
    for (const Photo& photo : photos) ids.push_back(photo.id);
    return ids;
  }
  static std::vector<std::string> Handles(const std::vector<User>& users) {
    std::vector<std::string> handles;
    handles.reserve(users.size());
    for (const User& user : users) handles.push_back(user.handle);
    return handles;
  }
  std::vector<PhotoId> Feed(UserId viewer, int limit = 2) {
    return Ids(ReadAll(
        [&](PageRequest page) { return reader().ListFeed(viewer, page); },
        limit));
  }
  std::vector<Notification> NotificationsOf(UserId user) {
    return ReadAll([&](PageRequest page) {
      return reader().ListNotifications(user, page);
    });
  }

  TempDir folder_;
  ManualClock clock_;
  std::unique_ptr<Store> store_;

 private:
  int files_ = 0;
};

}  // namespace pinhole::testing

// Runs the tests of `suite` with every store of `kinds`.
#define PINHOLE_ON_STORES(suite, kinds)                                      \
  INSTANTIATE_TEST_SUITE_P(                                                  \
      Stores, suite, ::testing::ValuesIn(::pinhole::testing::kinds()),       \
      [](const ::testing::TestParamInfo<::pinhole::testing::StoreKind>& i) { \
        return i.param.name;                                                 \
      })
#define PINHOLE_ON_ALL_STORES(suite) PINHOLE_ON_STORES(suite, AllStores)
#define PINHOLE_ON_DURABLE_STORES(suite) PINHOLE_ON_STORES(suite, DurableStores)
#define PINHOLE_ON_ORDERED_STORES(suite) PINHOLE_ON_STORES(suite, OrderedStores)
