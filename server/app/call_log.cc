// SPDX-License-Identifier: Apache-2.0

#include "server/app/call_log.h"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/call_timing.h"
#include "base/log/log.h"
#include "base/log/log_line.h"
#include "base/traceparent.h"
#include "server/rpc/error_details.h"

namespace pinhole::app {
namespace {

// Indexed by CallPhase.
constexpr std::array<std::string_view, kCallPhaseNames.size()> kPartKeys = {
    "admission_ms", "hash_wait_ms", "hash_ms",  "write_wait_ms", "write_ms",
    "commit_ms",    "fsync_ms",     "query_ms", "media_ms",      "rest_ms"};

LogLevel LevelOf(const rpc::Method& method, const absl::Status& status,
                 bool slow) {
  if (rpc::IsHidden(status.code())) return LogLevel::kError;
  if (slow) return LogLevel::kWarning;
  return rpc::IsOurs(method) ? LogLevel::kInfo : LogLevel::kDebug;
}

// Because of the caller, the rate of calls, or a missing resource.
bool WasRefused(const absl::Status& status) {
  return absl::IsResourceExhausted(status) || absl::IsUnauthenticated(status) ||
         absl::IsPermissionDenied(status) || absl::IsUnimplemented(status) ||
         absl::IsNotFound(status);
}

// Parts below a microsecond are omitted: most calls have at most three parts.
void AddParts(const CallTiming& parts, LogLine& line) {
  for (std::size_t part = 0; part < kPartKeys.size(); ++part) {
    const absl::Duration spent = parts.spent(static_cast<CallPhase>(part));
    if (spent < absl::Microseconds(1)) continue;
    line.AddMilliseconds(kPartKeys[part], spent);
  }
}

void AddTrace(const rpc::Call& call, LogLine& line) {
  const auto trace = ParseTraceparent(call.Header("traceparent"));
  if (!trace) return;
  line.Add("trace_id", trace->trace_id);
  line.Add("parent_id", trace->parent_id);
}

// The client addresses named by proxies; the last of them is the peer.
void AddForwarded(const rpc::Call& call, LogLine& line) {
  constexpr std::size_t kMaxBytes = 256;
  const std::string_view named = call.Header("x-forwarded-for");
  // The gateway in the same process names only the peer again.
  if (named.empty() || call.peer.find(named) != std::string::npos) return;
  line.Add("forwarded_for", named.substr(0, kMaxBytes));
}

}  // namespace

void CallLog::Log(const rpc::Method& method, const rpc::Call& call,
                  const absl::Status& status, absl::Duration took) const {
  const bool slow = IsSlow(method, call, took);
  const auto level = LevelOf(method, status, slow);
  if (!ShouldLog(level)) return;
  const std::string code = absl::StatusCodeToString(status.code());
  if (WasRefused(status) && !slow && !refusals_.Count(call.client, code)) {
    return;
  }
  LogLine line(sink_->style(), level, slow ? "slow call" : "call");
  line.Add("method", method.descriptor->full_name());
  line.Add("code", code);
  line.AddMilliseconds("duration_ms", took);
  line.Add("request_id", call.request_id);
  AddTrace(call, line);
  if (!call.caller.handle.empty()) line.Add("user", call.caller.handle);
  line.Add("peer", call.peer);
  AddForwarded(call, line);
  AddParts(call.parts, line);
  if (rpc::IsHidden(status.code())) {
    const absl::string_view text = status.message();
    line.Add("error", {text.data(), text.size()});
  }
  sink_->Write(level, line.Finish());
}

bool CallLog::IsSlow(const rpc::Method& method, const rpc::Call& call,
                     absl::Duration took) const {
  if (slow_ == absl::ZeroDuration()) return false;
  // Most of a stream's time is spent by the client.
  if (!method.unary) took -= call.parts.spent(CallPhase::kRest);
  return took >= slow_;
}

}  // namespace pinhole::app
