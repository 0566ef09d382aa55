// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/access_log.h"

#include <string>

#include "server/rpc/error_details.h"
#include "spdlog/spdlog.h"

namespace pinhole::rpc {

void LogCall(const Method& method, const Call& call, const absl::Status& status,
             absl::Duration took) {
  const bool hidden = IsHidden(status.code());
  const auto level = hidden ? spdlog::level::err : spdlog::level::info;
  if (!spdlog::should_log(level)) return;
  std::string error;
  if (hidden) error = " error=" + std::string(status.message());
  spdlog::log(level,
              "call method={} code={} duration_ms={:.3f} request_id={}"
              " user={} peer={}{}",
              method.descriptor->full_name(),
              absl::StatusCodeToString(status.code()),
              absl::ToDoubleMilliseconds(took), call.request_id,
              call.caller.handle, call.peer, error);
}

}  // namespace pinhole::rpc
