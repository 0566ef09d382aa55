// SPDX-License-Identifier: Apache-2.0

#include "client/lab/load/fleet.h"

#include <algorithm>
#include <map>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace pinhole::lab {
namespace {

// Every `step`th of the people, from `first` on; everybody where there are too
// few.
World ShareOf(const World& world, std::size_t first, std::size_t step) {
  World share = world;
  if (world.people.size() < step) return share;
  share.people.clear();
  for (std::size_t i = first; i < world.people.size(); i += step) {
    share.people.push_back(world.people[i]);
  }
  return share;
}

// Puts together what the workers say about a second.
class Board {
 public:
  Board(std::size_t workers, const Fleet::OnSecond& on_second)
      : workers_(workers), on_second_(on_second) {}

  void Post(std::size_t second, const SecondTally& tally) {
    if (!on_second_) return;
    const absl::MutexLock lock(&mutex_);
    auto& [posts, sum] = seconds_[second];
    sum.Merge(tally);
    if (++posts < workers_) return;
    on_second_(second, sum);
    seconds_.erase(second);
  }

 private:
  const std::size_t workers_;
  const Fleet::OnSecond& on_second_;
  absl::Mutex mutex_;
  std::map<std::size_t, std::pair<std::size_t, SecondTally>> seconds_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace

struct Fleet::Worker {
  Worker(const Target& target, World world_share, const Profile& profile,
         std::size_t connections, const std::atomic<bool>& stop,
         std::uint64_t seed)
      : world(std::move(world_share)),
        transport(Connect(target, connections)),
        generator(world, profile, target.dialect, *transport, stop, seed) {}

  const World world;
  const std::unique_ptr<Transport> transport;
  Generator generator;
};

Fleet::Fleet(const Target& target, const World& world, const Profile& profile,
             const FleetOptions& options, const std::atomic<bool>& stop) {
  // Each has a connection at least.
  const std::size_t count = std::clamp<std::size_t>(
      options.workers, 1, std::max<std::size_t>(options.connections, 1));
  for (std::size_t i = 0; i < count; ++i) {
    Target turned = target;
    std::rotate(turned.addresses.begin(),
                turned.addresses.begin() +
                    static_cast<std::ptrdiff_t>(i % target.addresses.size()),
                turned.addresses.end());
    workers_.push_back(std::make_unique<Worker>(
        turned, ShareOf(world, i, count), profile,
        std::max<std::size_t>(options.connections / count, 1), stop,
        options.seed * count + i));
  }
}

Fleet::~Fleet() = default;

Tally Fleet::Run(const LoadPlan& plan, const OnSecond& on_second) {
  const std::size_t count = workers_.size();
  // With fewer users than workers, some have nothing to do.
  Board board(plan.users > 0 ? std::min<std::size_t>(
                                   count, static_cast<std::size_t>(plan.users))
                             : count,
              on_second);
  std::vector<Tally> tallies(count);
  std::vector<std::thread> threads;
  ++steps_;
  for (std::size_t i = 0; i < count; ++i) {
    LoadPlan share = plan;
    const auto number = static_cast<int>(i);
    const auto all = static_cast<int>(count);
    // 5 users are 3 and 2.
    share.users = (plan.users + all - 1 - number) / all;
    share.rate = plan.rate / all;
    share.max_in_flight = std::max(plan.max_in_flight / all, 1);
    share.seed = (plan.seed + steps_) * count + i;
    if (plan.users > 0 && share.users == 0) continue;
    threads.emplace_back([this, &board, &tallies, share, i] {
      tallies[i] = workers_[i]->generator.Run(
          share, [&board](std::size_t second, const SecondTally& tally) {
            board.Post(second, tally);
          });
    });
  }
  for (std::thread& thread : threads) thread.join();
  Tally sum = std::move(tallies.front());
  for (std::size_t i = 1; i < count; ++i) sum.Merge(tallies[i]);
  return sum;
}

}  // namespace pinhole::lab
