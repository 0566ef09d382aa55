// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_APP_CALL_LOG_H_
#define PINHOLE_SERVER_APP_CALL_LOG_H_

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/log/log_sink.h"
#include "base/log/refusal_summary.h"
#include "server/rpc/call.h"
#include "server/rpc/registry.h"

namespace pinhole::app {

// A line for each call that has ended: who called what from where, how it went,
// and where its time went.  Never what its messages said; of a hidden error
// (rpc::IsHidden) the full text, which no client sees.
//
// Ordinary calls are of level info, those for health checks debug, slow ones
// warn, and what is a fault of the server error.  Of many that were refused,
// `refusals` tells the number.  Thread-safe.
class CallLog {
 public:
  // Of a call that takes longer than `slow` apart from the client's share of a
  // stream; zero: none is slow.  `refusals` outlives this.
  CallLog(std::shared_ptr<LogSink> sink, absl::Duration slow,
          RefusalSummary& refusals)
      : sink_(std::move(sink)), slow_(slow), refusals_(refusals) {}

  // `call.parts` add up to `took`.
  void Log(const rpc::Method& method, const rpc::Call& call,
           const absl::Status& status, absl::Duration took) const;

 private:
  bool IsSlow(const rpc::Method& method, const rpc::Call& call,
              absl::Duration took) const;

  const std::shared_ptr<LogSink> sink_;
  const absl::Duration slow_;
  RefusalSummary& refusals_;
};

}  // namespace pinhole::app

#endif  // PINHOLE_SERVER_APP_CALL_LOG_H_
