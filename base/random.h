// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_RANDOM_H_
#define PINHOLE_BASE_RANDOM_H_

#include <cstdint>

namespace pinhole {

// A random number for unique names.  Not cryptographically secure.
std::uint64_t RandomNumber();

}  // namespace pinhole

#endif  // PINHOLE_BASE_RANDOM_H_
