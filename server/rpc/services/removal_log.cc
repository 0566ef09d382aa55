// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/services/removal_log.h"

#include "base/log/log.h"
#include "server/rpc/services/resource_name.h"

namespace pinhole::rpc {

void LogRemoval(const std::optional<Removal>& removal) {
  if (!removal) return;
  LogInfo("administrator {} removed {} of {}", removal->administrator,
          FormatRemovedName(*removal), removal->owner);
}

}  // namespace pinhole::rpc
