// SPDX-License-Identifier: Apache-2.0

// A town: people, photos, follows and sessions, written straight into a store,
// because an account made through the API costs a password hash.

#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "server/model/ids.h"
#include "server/store/sqlite/sqlite_store.h"

namespace pinhole::bench {

// Opens the store of a server's data folder; makes the folder.  Aborts if that
// fails, as everything here does: a benchmark has nobody to tell.
std::unique_ptr<SqliteStore> OpenStore(const std::filesystem::path& data_dir);

// Executes all of them, many at a time.
template <typename C>
std::vector<typename C::Result> ExecuteAll(Store& store,
                                           std::vector<C> commands) {
  constexpr std::size_t kAtATime = 2000;  // Less than a store's queue holds.
  std::vector<typename C::Result> results(commands.size());
  for (std::size_t begin = 0; begin < commands.size(); begin += kAtATime) {
    const std::size_t end = std::min(begin + kAtATime, commands.size());
    absl::BlockingCounter left(static_cast<int>(end - begin));
    for (std::size_t i = begin; i < end; ++i) {
      store.Submit(std::move(commands[i]), {},
                   [&, i](absl::StatusOr<CommandResult> result) {
                     if (!result.ok()) std::abort();
                     results[i] =
                         std::get<typename C::Result>(*std::move(result));
                     left.DecrementCount();
                   });
    }
    left.Wait();
  }
  return results;
}

// People `prefix`0, `prefix`1 and so on.  Nobody knows their passwords.
std::vector<UserId> AddPeople(Store& store, const std::string& prefix,
                              int count);

// Public photos of those people, each by somebody else than the one before.
// They have rows but no files.
std::vector<PhotoId> AddPhotos(Store& store, const std::vector<UserId>& owners,
                               int count);

// `viewer` follows the first `count` of `people` that are not the viewer.
void Follow(Store& store, UserId viewer, const std::vector<UserId>& people,
            int count);

// A token for each of those people (of AddPeople: their password hash counts).
std::vector<std::string> SignIn(Store& store,
                                const std::vector<UserId>& people);

// The pairs of [0, first) and [0, second), each once, in an order that hardly
// repeats either soon.
class Pairs {
 public:
  Pairs(int first, int second) : first_(first), second_(second) {}

  std::pair<std::size_t, std::size_t> At(std::int64_t n) const {
    // A prime that divides neither, so every pair comes once.
    constexpr std::int64_t kStride = 15'485'863;
    const std::int64_t all = std::int64_t{first_} * second_;
    const std::int64_t place = n % all * (kStride % all) % all;
    return {static_cast<std::size_t>(place / second_),
            static_cast<std::size_t>(place % second_)};
  }

 private:
  const int first_;
  const int second_;
};

}  // namespace pinhole::bench
