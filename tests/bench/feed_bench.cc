// SPDX-License-Identifier: Apache-2.0

// A page of the feed in the store, warm: how its time grows with the number of
// people followed.  Without gRPC, threads and messages.

#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "fmt/format.h"
#include "server/store/store.h"
#include "tests/bench/folder.h"
#include "tests/bench/rounds.h"
#include "tests/bench/town.h"

namespace pinhole::bench {
namespace {

constexpr PageRequest kFirstPage = {.after = 0, .limit = 20};

struct Viewer {
  int followed;
  UserId id;
  std::int64_t second_page = 0;  // Where it begins.
};

// Microseconds of each page.
std::vector<double> ReadPages(const Store& store, UserId viewer,
                              PageRequest page, absl::Duration time) {
  std::vector<double> took;
  const absl::Time begin = absl::Now();
  absl::Time last = begin;
  while (last - begin < time) {
    const absl::StatusOr<Page<Photo>> read = store.ListFeed(viewer, page);
    if (!read.ok() || read->items.size() != 20) std::abort();
    const absl::Time now = absl::Now();
    took.push_back(absl::ToDoubleMicroseconds(now - last));
    last = now;
  }
  return took;
}

// Microseconds of the first page each time after somebody followed has
// published: what a cache of pages would not have yet.
std::vector<double> ReadAfterNews(Store& store, UserId viewer, UserId followed,
                                  absl::Duration time) {
  std::vector<double> took;
  const absl::Time begin = absl::Now();
  while (absl::Now() - begin < time) {
    const PhotoId news = AddPhotos(store, {followed}, 1)[0];
    const absl::Time asked = absl::Now();
    const absl::StatusOr<Page<Photo>> read = store.ListFeed(viewer, kFirstPage);
    took.push_back(absl::ToDoubleMicroseconds(absl::Now() - asked));
    if (!read.ok() || read->items[0].id != news) std::abort();
  }
  return took;
}

int Run(Rounds rounds) {
  const Folder folder(rounds.folder());
  const std::unique_ptr<SqliteStore> store = OpenStore(folder.path());
  const std::vector<UserId> people =
      AddPeople(*store, "person", rounds.Sized(5000, 1000));
  AddPhotos(*store, people, rounds.Sized(100'000, 5000));
  std::vector<Viewer> viewers;
  for (const int followed : {10, 100, 200, 1000, 5000}) {
    if (followed > static_cast<int>(people.size())) continue;
    const UserId id =
        AddPeople(*store, fmt::format("viewer{}_", followed), 1)[0];
    Follow(*store, id, people, followed);
    viewers.push_back({followed, id, store->ListFeed(id, kFirstPage)->next});
  }
  for (int round = 0; round < rounds.count(); ++round) {
    for (const Viewer& viewer : viewers) {
      const std::string name = fmt::format("{} followed", viewer.followed);
      const std::vector<double> took =
          ReadPages(*store, viewer.id, kFirstPage, rounds.visit());
      rounds.Note(name + ", p50", "us", Percentile(took, 0.5));
      rounds.Note(name + ", p99", "us", Percentile(took, 0.99));
      rounds.Note(
          name + ", second page, p50", "us",
          Percentile(ReadPages(*store, viewer.id,
                               {.after = viewer.second_page, .limit = 20},
                               rounds.visit()),
                     0.5));
      if (viewer.followed == 200) {
        rounds.Note(name + ", after a new photo, p50", "us",
                    Percentile(ReadAfterNews(*store, viewer.id, people[0],
                                             rounds.visit()),
                               0.5));
      }
    }
  }
  return rounds.Finish({{.path = "page of 20, 200 followed, in the store (us)",
                         .figure = "200 followed, p50",
                         .at_most = 60}});
}

}  // namespace
}  // namespace pinhole::bench

int main(int argc, char** argv) {
  return pinhole::bench::Run({"feed", argc, argv});
}
