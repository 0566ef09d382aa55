// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/access_log.h"

#include <cstdint>
#include <string>

#include "server/rpc/error_details.h"
#include "spdlog/spdlog.h"

namespace pinhole::rpc {

void LogCall(const Method& method, const Call& call, const absl::Status& status,
             absl::Duration took) {
  const bool hidden = IsHidden(status.code());
  const auto level = hidden ? spdlog::level::err : spdlog::level::info;
  if (!spdlog::should_log(level)) return;
  // As whole numbers: printing a fraction costs more than the rest.
  const std::int64_t microseconds = absl::ToInt64Microseconds(took);
  std::string error;
  if (hidden) error = " error=" + std::string(status.message());
  spdlog::log(level,
              "call method={} code={} duration_ms={}.{:03} request_id={}"
              " user={} peer={}{}",
              method.descriptor->full_name(),
              absl::StatusCodeToString(status.code()), microseconds / 1000,
              microseconds % 1000, call.request_id, call.caller.handle,
              call.peer, error);
}

}  // namespace pinhole::rpc
