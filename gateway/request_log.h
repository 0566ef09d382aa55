// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_REQUEST_LOG_H_
#define PINHOLE_GATEWAY_REQUEST_LOG_H_

#include <memory>
#include <utility>

#include "absl/time/time.h"
#include "base/log/log_sink.h"
#include "base/log/refusal_summary.h"
#include "gateway/connection/access_record.h"

namespace pinhole::gateway {

// A line for each HTTP request.  The route is its template and never the path,
// so that nothing of what people look at is kept.
//
// Ordinary requests are of level info, those for health and metrics debug, slow
// ones and those that the upstream could not serve warn, and what is a fault of
// the gateway error.  Of many that were refused, `refusals` tells the number.
// Thread-safe.
class RequestLog {
 public:
  // Zero: none is slow.  Streams and transfers last as long as their clients
  // like and are never slow.  `refusals` outlives this.
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

#endif  // PINHOLE_GATEWAY_REQUEST_LOG_H_
