// SPDX-License-Identifier: Apache-2.0

// How many threads a setting stands for.

#pragma once

#include <algorithm>
#include <thread>

namespace pinhole::app {

// `configured`, or one for each core if it is 0.
inline int ThreadsPerCore(int configured) {
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  return configured > 0 ? configured : std::max(1, cores);
}

// `configured`, or one for every two cores but at least `minimum` if it is 0.
inline int ThreadsPerTwoCores(int configured, int minimum = 1) {
  return configured > 0 ? configured : std::max(minimum, ThreadsPerCore(0) / 2);
}

}  // namespace pinhole::app
