// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_RPC_SERVICES_REMOVAL_LOG_H_
#define PINHOLE_SERVER_RPC_SERVICES_REMOVAL_LOG_H_

#include <optional>

#include "server/model/removal.h"

namespace pinhole::rpc {

// Logs the removal of content by an administrator, if there is one.
void LogRemoval(const std::optional<Removal>& removal);

}  // namespace pinhole::rpc

#endif  // PINHOLE_SERVER_RPC_SERVICES_REMOVAL_LOG_H_
