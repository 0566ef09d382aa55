// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/log/log_sink.h"
#include "base/log/refusal_summary.h"
#include "base/net/client_address.h"
#include "base/process/heartbeat.h"
#include "gateway/http_server.h"
#include "gateway/metrics.h"
#include "gateway/request_log.h"
#include "prometheus/collectable.h"
#include "prometheus/registry.h"
#include "server/app/call_log.h"
#include "server/app/config.h"
#include "server/app/data/free_space.h"
#include "server/app/local_upstream.h"
#include "server/app/services.h"
#include "server/metrics/rpc_metrics.h"
#include "server/rpc/dispatch.h"
#include "server/rpc/grpc/grpc_server.h"
#include "server/rpc/grpc/health.h"
#include "server/store/store.h"

namespace pinhole::app {

// The listeners for gRPC, HTTP and Prometheus, and what every call passes
// through on its way to the services: limits, sign-in, metrics and the log.
class Listeners {
 public:
  // All arguments must outlive this object.
  // `engine` reports the statistics that only the store's engine has.
  // `refusal`: see `rpc::Dispatch::Options`.
  Listeners(const Config& config, Services& services, const Store& store,
            std::shared_ptr<prometheus::Collectable> engine,
            std::function<absl::Status()> refusal, const rpc::Health& health,
            const FreeSpace& free_space, std::shared_ptr<LogSink> log);

  Listeners(const Listeners&) = delete;
  Listeners& operator=(const Listeners&) = delete;

  // Call `Drain` and `WaitForCalls` also after an error.
  // Errors: the first address that cannot be listened on.
  absl::Status Start();

  // One line for each listener: "gRPC listening on 127.0.0.1:50051".
  std::vector<std::string> Lines() const;

  // The event loops, for a heartbeat.
  std::vector<Heartbeat::Post> Loops() const;

  // Does nothing without HTTP over TLS.
  // Errors: INVALID_ARGUMENT; the previous certificate stays in use.
  absl::Status ReloadCertificate();

  // Refuses new calls and lets those in progress finish for at most `limit`.
  // Call it once.
  void Drain(absl::Duration limit);

  // Returns when no call uses the services any longer.
  void WaitForCalls();

 private:
  absl::Status StartGrpc();
  absl::Status StartMetrics();
  absl::Status StartHttp();
  std::string MetricsPage() const;

  const Config& config_;
  RefusalSummary refusals_;
  const CallLog call_log_;
  const gateway::RequestLog request_log_;
  const std::shared_ptr<const ClientAddressResolver> clients_;

  // Shared with `collectors_`, as prometheus-cpp requires.
  const std::shared_ptr<prometheus::Registry> numbers_;
  metrics::RpcMetrics rpc_metrics_;
  gateway::Metrics http_metrics_;
  const std::vector<std::shared_ptr<prometheus::Collectable>> collectors_;

  rpc::Dispatch dispatch_;
  std::unique_ptr<rpc::GrpcServer> grpc_;
  std::unique_ptr<LocalUpstream> upstream_;
  std::unique_ptr<gateway::HttpServer> metrics_server_;
  std::unique_ptr<gateway::HttpServer> http_;
};

}  // namespace pinhole::app
