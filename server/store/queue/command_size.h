// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>

#include "server/store/commands.h"

namespace pinhole::store {

// The estimated memory of the command, in bytes.
std::size_t SizeOf(const Command& command);

}  // namespace pinhole::store
