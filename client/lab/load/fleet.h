// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "client/lab/load/generator.h"
#include "client/lab/load/target.h"

namespace pinhole::lab {

struct FleetOptions {
  std::size_t workers = 1;       // Threads that make load.
  std::size_t connections = 32;  // Of all workers together.
  std::uint64_t seed = 1;
};

// Generators that share a load, each with its own thread, connections and
// users. Must be called by one thread at a time.
class Fleet {
 public:
  // Called with the figures of a second, of all workers together, on one of
  // their threads during the load: it must return soon.
  using OnSecond = std::function<void(std::size_t, const SecondTally&)>;

  // `profile` and `stop`, which ends a step early, must outlive this object.
  Fleet(const Target& target, const World& world, const Profile& profile,
        const FleetOptions& options, const std::atomic<bool>& stop);
  ~Fleet();

  // Blocks until all calls of the step are over.
  Tally Run(const LoadPlan& plan, const OnSecond& on_second);

 private:
  struct Worker;

  std::vector<std::unique_ptr<Worker>> workers_;
  std::uint64_t steps_ = 0;
};

}  // namespace pinhole::lab
