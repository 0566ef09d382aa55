// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstdint>
#include <string>

namespace pinhole {

// A random number for unique names.  Not cryptographically secure.
std::uint64_t RandomNumber();

// A random identifier of 32 hexadecimal digits.  Not cryptographically secure.
std::string RandomId();

}  // namespace pinhole
