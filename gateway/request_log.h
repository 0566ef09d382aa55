// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>
#include <utility>

#include "absl/time/time.h"
#include "base/log/log_sink.h"
#include "base/log/refusal_summary.h"
#include "gateway/connection/access_record.h"

namespace pinhole::gateway {

// Logs a line for each HTTP request.  The line has the template of the route
// and not the path, so that the log does not show what users look at.
//
// Levels: debug for health checks and metrics, info for ordinary requests,
// warning for slow requests and those that the upstream could not serve, error
// for faults of the gateway.  `refusals` summarizes rejected requests.
// Thread-safe.
class RequestLog {
 public:
  // If `slow` is zero, no request is slow.  Streams and transfers last as long
  // as their clients like and are never slow.  `refusals` must outlive this
  // object.
  RequestLog(std::shared_ptr<LogSink> sink, absl::Duration slow,
             RefusalSummary& refusals)
      : sink_(std::move(sink)), slow_(slow), refusals_(refusals) {}

  void Log(const AccessRecord& request) const;

 private:
  const std::shared_ptr<LogSink> sink_;
  const absl::Duration slow_;
  RefusalSummary& refusals_;
};

}  // namespace pinhole::gateway
