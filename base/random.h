// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_RANDOM_H_
#define PINHOLE_BASE_RANDOM_H_

#include <cstdint>

namespace pinhole {

// For names that only have to differ; no secret.
std::uint64_t RandomNumber();

}  // namespace pinhole

#endif  // PINHOLE_BASE_RANDOM_H_
