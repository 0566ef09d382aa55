// SPDX-License-Identifier: Apache-2.0

#include "base/random.h"

#include <random>

#include "fmt/format.h"

namespace pinhole {

std::uint64_t RandomNumber() {
  thread_local std::mt19937_64 generator{
      (static_cast<std::uint64_t>(std::random_device{}()) << 32) ^
      std::random_device{}()};
  return generator();
}

std::string RandomId() {
  return fmt::format("{:016x}{:016x}", RandomNumber(), RandomNumber());
}

}  // namespace pinhole
