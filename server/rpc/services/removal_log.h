// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <optional>

#include "server/model/removal.h"

namespace pinhole::rpc {

// Logs the removal of content by an administrator, if there is one.
void LogRemoval(const std::optional<Removal>& removal);

}  // namespace pinhole::rpc
