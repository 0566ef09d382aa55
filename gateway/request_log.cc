// SPDX-License-Identifier: Apache-2.0

#include "gateway/request_log.h"

#include <cstdint>

#include "base/log/log.h"
#include "base/log/log_line.h"
#include "base/traceparent.h"
#include "fmt/format.h"

namespace pinhole::gateway {
namespace {

// Paths that monitoring programs request every few seconds.
bool IsProbe(const AccessRecord& request) {
  return request.route == "/healthz" || request.route == "/livez" ||
         request.route == "/readyz" || request.route == "/metrics";
}

LogLevel LevelOf(const AccessRecord& request, bool slow) {
  if (request.code == 500) return LogLevel::kError;
  if (request.code > 500 || slow) return LogLevel::kWarning;
  return IsProbe(request) ? LogLevel::kDebug : LogLevel::kInfo;
}

}  // namespace

void RequestLog::Log(const AccessRecord& request) const {
  const bool slow = slow_ != absl::ZeroDuration() && !request.streamed &&
                    request.took >= slow_;
  const auto level = LevelOf(request, slow);
  if (!ShouldLog(level)) return;
  if (WasRefused(request.code) && !slow &&
      !refusals_.Count(request.client, fmt::to_string(request.code))) {
    return;
  }
  LogLine line(sink_->style(), level, slow ? "slow request" : "request");
  line.Add("method", request.method);
  line.Add("route", request.route);
  line.Add("code", request.code);
  line.AddMilliseconds("duration_ms", request.took);
  line.Add("request_id", request.request_id);
  if (const auto trace = ParseTraceparent(request.traceparent)) {
    line.Add("trace_id", trace->trace_id);
    line.Add("parent_id", trace->parent_id);
  }
  line.Add("peer", request.peer);
  line.Add("received_bytes", static_cast<std::int64_t>(request.received_bytes));
  line.Add("sent_bytes", static_cast<std::int64_t>(request.sent_bytes));
  sink_->Write(level, line.Finish());
}

}  // namespace pinhole::gateway
