// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>

namespace pinhole {

// A random number for unique names.  Not cryptographically secure.
std::uint64_t RandomNumber();

}  // namespace pinhole
