// SPDX-License-Identifier: Apache-2.0

#include "server/metrics/rpc_metrics.h"

#include <cstddef>
#include <string>

#include "base/errors.h"

namespace pinhole::metrics {
namespace {

// With a bucket bound at the latency objective, 100 ms.
const prometheus::Histogram::BucketBoundaries kLatencySeconds = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075,
    0.1,    0.15,  0.25,   0.5,   1,    2.5,   5,    10};

// The names that Go's gRPC uses, by number.
constexpr const char* kCodeNames[] = {"OK",
                                      "Canceled",
                                      "Unknown",
                                      "InvalidArgument",
                                      "DeadlineExceeded",
                                      "NotFound",
                                      "AlreadyExists",
                                      "PermissionDenied",
                                      "ResourceExhausted",
                                      "FailedPrecondition",
                                      "Aborted",
                                      "OutOfRange",
                                      "Unimplemented",
                                      "Internal",
                                      "Unavailable",
                                      "DataLoss",
                                      "Unauthenticated"};

constexpr const char* kRejections[] = {
    "accounts", "concurrency", "limit", "login", "rate", "uploads", "watches"};

// Returns the label of a rejection; null if the status is none.
const char* RejectionOf(const absl::Status& status) {
  if (!absl::IsResourceExhausted(status)) return nullptr;
  if (IsOverload(status)) return "limit";
  switch (ReasonOf(status).value_or(Reason::kResourceExhausted)) {
    case Reason::kLoginThrottled:
      return "login";
    case Reason::kRateLimited:
      return "rate";
    case Reason::kConcurrencyLimited:
      return "concurrency";
    case Reason::kTooManyAccounts:
      return "accounts";
    case Reason::kTooManyUploads:
      return "uploads";
    case Reason::kTooManyWatches:
      return "watches";
    default:
      return nullptr;
  }
}

const char* TypeOf(const google::protobuf::MethodDescriptor& method) {
  if (method.client_streaming()) {
    return method.server_streaming() ? "bidi_stream" : "client_stream";
  }
  return method.server_streaming() ? "server_stream" : "unary";
}

prometheus::Family<prometheus::Counter>& CounterFamily(
    prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

}  // namespace

RpcMetrics::RpcMetrics(const rpc::Registry& methods,
                       prometheus::Registry& registry)
    : handled_(CounterFamily(registry, "grpc_server_handled_total",
                             "Calls completed, by status code.")),
      concurrency_limit_(
          prometheus::BuildGauge()
              .Name("pinhole_rpc_concurrency_limit")
              .Help("Maximum number of concurrent calls and streams.")
              .Register(registry)
              .Add({})),
      series_(methods.methods().size()) {
  auto& started =
      CounterFamily(registry, "grpc_server_started_total", "Calls started.");
  auto& received = CounterFamily(registry, "grpc_server_msg_received_total",
                                 "Request messages received.");
  auto& sent = CounterFamily(registry, "grpc_server_msg_sent_total",
                             "Response messages sent.");
  auto& rejected = CounterFamily(
      registry, "pinhole_rpc_rejected_total",
      "Calls refused, by reason: the server was overloaded (limit), or one "
      "user or address exceeded its share (accounts, concurrency, login, rate, "
      "uploads, watches).");
  for (const char* reason : kRejections) {
    rejected_[reason] = &rejected.Add({{"reason", reason}});
  }
  auto& in_flight = prometheus::BuildGauge()
                        .Name("pinhole_rpc_in_flight")
                        .Help("Calls in progress, by service.")
                        .Register(registry);
  auto& seconds =
      prometheus::BuildHistogram()
          .Name("grpc_server_handling_seconds")
          .Help("Duration of calls in seconds, from start to answer.")
          .Register(registry);
  auto& parts = CounterFamily(
      registry, "pinhole_rpc_part_seconds_total",
      "Seconds that calls spent in each part of their handling; the parts of a "
      "method add up to the sum of grpc_server_handling_seconds.");
  for (const auto& [name, method] : methods.methods()) {
    auto series = std::make_unique<Series>();
    series->labels = {{"grpc_type", TypeOf(*method.descriptor)},
                      {"grpc_service",
                       std::string(method.descriptor->service()->full_name())},
                      {"grpc_method", std::string(method.descriptor->name())}};
    series->started = &started.Add(series->labels);
    series->received = &received.Add(series->labels);
    series->sent = &sent.Add(series->labels);
    series->in_flight =
        &in_flight.Add({{"grpc_service", series->labels.at("grpc_service")}});
    series->seconds = &seconds.Add(series->labels, kLatencySeconds);
    for (std::size_t part = 0; part < kCallPhaseNames.size(); ++part) {
      prometheus::Labels labels = series->labels;
      labels.erase("grpc_type");
      labels["part"] = kCallPhaseNames[part];
      series->part_seconds[part] = &parts.Add(labels);
    }
    HandledWith(*series, 0);
    series_[method.number] = std::move(series);
  }
}

void RpcMetrics::Started(const rpc::Method& method) {
  Series& series = Of(method);
  series.started->Increment();
  series.in_flight->Increment();
}

void RpcMetrics::MessageReceived(const rpc::Method& method) {
  Of(method).received->Increment();
}

void RpcMetrics::MessageSent(const rpc::Method& method) {
  Of(method).sent->Increment();
}

void RpcMetrics::Handled(const rpc::Method& method, const rpc::Call& call,
                         const absl::Status& status, absl::Duration took) {
  Series& series = Of(method);
  series.in_flight->Decrement();
  HandledWith(series, static_cast<int>(status.code())).Increment();
  series.seconds->Observe(absl::ToDoubleSeconds(took));
  for (std::size_t part = 0; part < kCallPhaseNames.size(); ++part) {
    const absl::Duration spent = call.parts.spent(static_cast<CallPhase>(part));
    if (spent == absl::ZeroDuration()) continue;
    series.part_seconds[part]->Increment(absl::ToDoubleSeconds(spent));
  }
  if (const char* why = RejectionOf(status)) rejected_.at(why)->Increment();
}

RpcMetrics::Series& RpcMetrics::Of(const rpc::Method& method) const {
  return *series_[method.number];
}

prometheus::Counter& RpcMetrics::HandledWith(Series& series, int code) const {
  if (code < 0 || code >= kCodes)
    code = static_cast<int>(absl::StatusCode::kUnknown);
  std::atomic<prometheus::Counter*>& known =
      series.handled[static_cast<std::size_t>(code)];
  if (prometheus::Counter* counter = known.load(std::memory_order_acquire)) {
    return *counter;
  }
  prometheus::Labels labels = series.labels;
  labels["grpc_code"] = kCodeNames[code];
  // Two threads can come here at once; both get the same child.
  prometheus::Counter& counter = handled_.Add(labels);
  known.store(&counter, std::memory_order_release);
  return counter;
}

}  // namespace pinhole::metrics
