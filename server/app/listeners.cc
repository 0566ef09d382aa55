// SPDX-License-Identifier: Apache-2.0

#include "server/app/listeners.h"

#include <functional>
#include <string_view>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "base/log/log.h"
#include "base/log/proxy_warning.h"
#include "base/metrics/process_collector.h"
#include "base/status_macros.h"
#include "client/web/site.h"
#include "gateway/metrics_listener.h"
#include "gateway/services.h"
#include "server/app/server_collector.h"
#include "server/app/threads.h"
#include "server/metrics/decoder_collector.h"
#include "server/metrics/domain_collector.h"
#include "server/metrics/store_collector.h"

namespace pinhole::app {
namespace {

rpc::Authenticate AuthenticateBy(domain::Accounts& accounts) {
  return [&accounts](std::string_view token) {
    return accounts.Authenticate(token);
  };
}

rpc::Dispatch::Options DispatchOptions(
    const Config& config, std::function<absl::Status()> refusal,
    std::shared_ptr<const ClientAddressResolver> clients, const CallLog& log) {
  rpc::Dispatch::Options options;
  options.refusal = std::move(refusal);
  options.max_calls = config.limits.max_calls;
  options.rates = config.limits.rates;
  options.concurrency = config.limits.shares;
  options.clients = std::move(clients);
  options.on_ended = [&log](const rpc::Method& method, const rpc::Call& call,
                            const absl::Status& status, absl::Duration took) {
    log.Log(method, call, status, took);
  };
  return options;
}

}  // namespace

Listeners::Listeners(const Config& config, Services& services,
                     const Store& store,
                     std::shared_ptr<prometheus::Collectable> engine,
                     std::function<absl::Status()> refusal,
                     const rpc::Health& health, const FreeSpace& free_space,
                     std::shared_ptr<LogSink> log)
    : config_(config),
      refusals_(log),
      call_log_(log, config.log.slow, refusals_),
      request_log_(log, config.log.slow, refusals_),
      clients_(std::make_shared<ClientAddressResolver>(config.trusted_proxies,
                                                       WarnOfUntrustedProxy)),
      numbers_(std::make_shared<prometheus::Registry>()),
      rpc_metrics_(services.registry, *numbers_),
      http_metrics_(*numbers_),
      collectors_{
          numbers_,
          std::make_shared<ProcessCollector>(),
          std::make_shared<metrics::StoreCollector>(store),
          std::move(engine),
          std::make_shared<metrics::DomainCollector>(
              services.accounts, services.photos, services.renditions),
          std::make_shared<metrics::DecoderCollector>(services.decoders),
          std::make_shared<ServerCollector>(
              health, free_space, log,
              ServerCollector::Facts{.instance_id = services.instance_id,
                                     .hash_threads = HashThreads(config)})},
      dispatch_(
          services.registry, AuthenticateBy(services.accounts), rpc_metrics_,
          DispatchOptions(config, std::move(refusal), clients_, call_log_)) {
  rpc_metrics_.SetConcurrencyLimit(config.limits.max_calls);
}

absl::Status Listeners::Start() {
  RETURN_IF_ERROR(StartGrpc());
  RETURN_IF_ERROR(StartMetrics());
  return StartHttp();
}

absl::Status Listeners::StartGrpc() {
  ASSIGN_OR_RETURN(grpc_, rpc::GrpcServer::Start(
                              {.listen = config_.grpc_listen,
                               .loops = ThreadsPerTwoCores(config_.loops),
                               .connections = config_.limits.grpc_connections,
                               .tls = config_.grpc_tls},
                              dispatch_));
  upstream_ = std::make_unique<LocalUpstream>(dispatch_, grpc_->loops());
  return absl::OkStatus();
}

absl::Status Listeners::StartMetrics() {
  if (config_.metrics_listen.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(metrics_server_,
                   gateway::StartMetricsListener(
                       config_.metrics_listen, [this] { return MetricsPage(); },
                       *upstream_));
  return absl::OkStatus();
}

absl::Status Listeners::StartHttp() {
  if (config_.http_listen.empty()) return absl::OkStatus();
  gateway::HttpServer::Options options = config_.http;
  options.listen = config_.http_listen;
  options.clients = clients_;
  options.log = [](std::string_view line) {
    LogError("HTTP: {}", std::string(line));
  };
  options.on_answered = [this](const gateway::AccessRecord& request) {
    // A request that led to a call is logged as that call.
    if (request.traceparent.empty()) request_log_.Log(request);
  };
  options.services = gateway::ServiceNames();
  options.api = gateway::DescribeApi(PINHOLE_VERSION);
  options.files = web::SiteFiles(config_.http_metrics);
  if (config_.http_metrics) options.metrics = [this] { return MetricsPage(); };
  ASSIGN_OR_RETURN(http_, gateway::HttpServer::Start(
                              std::move(options), *upstream_, http_metrics_));
  return absl::OkStatus();
}

std::string Listeners::MetricsPage() const {
  return gateway::MetricsText(collectors_);
}

std::vector<std::string> Listeners::Lines() const {
  std::vector<std::string> lines;
  for (const std::string& address : grpc_->addresses()) {
    lines.push_back("gRPC listening on " + address);
  }
  if (http_ != nullptr) {
    lines.push_back("HTTP listening on " + http_->address());
  }
  if (metrics_server_ != nullptr) {
    lines.push_back("metrics listening on " + metrics_server_->address());
  }
  return lines;
}

std::vector<Heartbeat::Post> Listeners::Loops() const {
  std::vector<Heartbeat::Post> loops;
  for (Executor* loop : grpc_->loops()) {
    loops.push_back(
        [loop](std::function<void()> work) { loop->Post(std::move(work)); });
  }
  if (http_ != nullptr) {
    loops.push_back([http = http_.get()](std::function<void()> work) {
      http->Post(std::move(work));
    });
  }
  return loops;
}

absl::Status Listeners::ReloadCertificate() {
  return http_ == nullptr ? absl::OkStatus() : http_->ReloadCertificate();
}

void Listeners::Drain(absl::Duration limit) {
  // At the same time, so that both together take at most `limit`.
  std::thread drain_http([this, limit] {
    if (http_ != nullptr) http_->Drain(limit);
  });
  if (grpc_ != nullptr) grpc_->Shutdown(absl::Now() + limit);
  drain_http.join();
}

void Listeners::WaitForCalls() { dispatch_.WaitForCalls(); }

}  // namespace pinhole::app
