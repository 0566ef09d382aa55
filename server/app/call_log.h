// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/log/log_sink.h"
#include "base/log/refusal_summary.h"
#include "server/rpc/call.h"
#include "server/rpc/registry.h"

namespace pinhole::app {

// Logs one line for each call that has ended: method, caller, result and where
// its time went.  Never logs the content of messages.  For a hidden error
// (rpc::IsHidden) it logs the full text, which no client receives.
//
// Ordinary calls have the level info, those for health checks debug, slow ones
// warn, and faults of the server error.  `refusals` replaces frequent refused
// calls by their number.  Thread-safe.
class CallLog {
 public:
  // A call is slow if it takes at least `slow`, not counting the client's share
  // of a stream; zero: none is slow.  `refusals` must outlive this object.
  CallLog(std::shared_ptr<LogSink> sink, absl::Duration slow,
          RefusalSummary& refusals)
      : sink_(std::move(sink)), slow_(slow), refusals_(refusals) {}

  // `call.parts` must add up to `took`.
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
