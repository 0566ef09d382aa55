// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_RANDOM_H_
#define PINHOLE_GATEWAY_RANDOM_H_

#include <cstdint>

namespace pinhole::gateway {

// For names that only have to differ; no secret.
std::uint64_t RandomNumber();

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_RANDOM_H_
