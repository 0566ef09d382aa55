// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <cstdlib>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "server/auth/password.h"

namespace pinhole::bench {

// How many password hashes so many threads make that do nothing else: what
// registering and logging in cannot exceed.
inline double HashesPerSecond(int threads, absl::Duration time) {
  std::atomic<int> hashes = 0;
  const absl::Time begin = absl::Now();
  std::vector<std::thread> pool;
  for (int i = 0; i < threads; ++i) {
    pool.emplace_back([&] {
      while (absl::Now() - begin < time) {
        if (!auth::HashPassword("correct horse battery").ok()) std::abort();
        ++hashes;
      }
    });
  }
  for (std::thread& thread : pool) thread.join();
  return hashes / absl::ToDoubleSeconds(absl::Now() - begin);
}

}  // namespace pinhole::bench
