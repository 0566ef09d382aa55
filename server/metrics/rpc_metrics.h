// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/call_timing.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"
#include "server/rpc/dispatch.h"
#include "server/rpc/registry.h"

namespace pinhole::metrics {

// Metrics of calls, with the names of go-grpc-middleware, so that existing
// dashboards and alerts work, and where the time of calls goes.  Every method
// has its series from the start; values of `grpc_code` other than OK appear
// with the first such answer. Thread-safe.
class RpcMetrics final : public rpc::Dispatch::Observer {
 public:
  // `methods` must be complete and, like `registry`, outlive this object.
  RpcMetrics(const rpc::Registry& methods, prometheus::Registry& registry);

  // Sets the metric for the maximum of concurrent calls.
  void SetConcurrencyLimit(int calls) { concurrency_limit_.Set(calls); }

  void Started(const rpc::Method& method) override;
  void MessageReceived(const rpc::Method& method) override;
  void MessageSent(const rpc::Method& method) override;
  void Handled(const rpc::Method& method, const rpc::Call& call,
               const absl::Status& status, absl::Duration took) override;

 private:
  static constexpr int kCodes = 17;

  // The series of one method; looked up once, since that costs more than
  // counting.
  struct Series {
    prometheus::Labels labels;
    prometheus::Counter* started = nullptr;
    prometheus::Counter* received = nullptr;
    prometheus::Counter* sent = nullptr;
    prometheus::Gauge* in_flight = nullptr;  // For the whole service.
    prometheus::Histogram* seconds = nullptr;
    std::array<prometheus::Counter*, kCallPhaseNames.size()> part_seconds = {};
    std::array<std::atomic<prometheus::Counter*>, kCodes> handled = {};
  };

  Series& Of(const rpc::Method& method) const;
  prometheus::Counter& HandledWith(Series& series, int code) const;

  prometheus::Family<prometheus::Counter>& handled_;
  // By reason; all exist from the start.
  std::map<std::string_view, prometheus::Counter*> rejected_;
  prometheus::Gauge& concurrency_limit_;
  std::vector<std::unique_ptr<Series>> series_;  // By number of the method.
};

}  // namespace pinhole::metrics
