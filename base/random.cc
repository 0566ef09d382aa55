// SPDX-License-Identifier: Apache-2.0

#include "base/random.h"

#include <random>

namespace pinhole {

std::uint64_t RandomNumber() {
  thread_local std::mt19937_64 generator{
      (static_cast<std::uint64_t>(std::random_device{}()) << 32) ^
      std::random_device{}()};
  return generator();
}

}  // namespace pinhole
