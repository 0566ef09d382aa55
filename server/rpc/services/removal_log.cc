// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/services/removal_log.h"

#include "server/rpc/services/resource_name.h"
#include "spdlog/spdlog.h"

namespace pinhole::rpc {

void LogRemoval(const std::optional<Removal>& removal) {
  if (!removal) return;
  spdlog::info("administrator {} removed {} of {}", removal->administrator,
               FormatRemovedName(*removal), removal->owner);
}

}  // namespace pinhole::rpc
