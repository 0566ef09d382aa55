// SPDX-License-Identifier: Apache-2.0

#include "gateway/metrics.h"

#include "prometheus/text_serializer.h"

namespace pinhole::gateway {
namespace {

prometheus::Labels LabelsOf(std::string_view method, std::string_view route) {
  return {{"http_request_method", std::string(method)},
          {"http_route", std::string(route)}};
}

prometheus::Counter& MakeCounter(prometheus::Registry& registry,
                                 const char* name, const char* help) {
  return prometheus::BuildCounter()
      .Name(name)
      .Help(help)
      .Register(registry)
      .Add({});
}

}  // namespace

Metrics::Metrics(prometheus::Registry& registry)
    : active_(prometheus::BuildGauge()
                  .Name("http_server_active_requests")
                  .Help("HTTP requests being answered.")
                  .Register(registry)),
      durations_(
          prometheus::BuildHistogram()
              .Name("http_server_request_duration_seconds")
              .Help("Time from the request's head to the answer's end. Code "
                    "499: the client went away first.")
              .Register(registry)),
      received_(prometheus::BuildCounter()
                    .Name("http_server_received_bytes_total")
                    .Help("Bytes of requests, heads and bodies, without TLS. "
                          "Counted when the answer ends.")
                    .Register(registry)),
      sent_(prometheus::BuildCounter()
                .Name("http_server_sent_bytes_total")
                .Help("Bytes of answers, heads and bodies, without TLS. "
                      "Counted when the answer ends.")
                .Register(registry)),
      connections_(prometheus::BuildGauge()
                       .Name("http_server_open_connections")
                       .Help("Connections of HTTP clients.")
                       .Register(registry)
                       .Add({})),
      refused_(MakeCounter(
          registry, "http_server_refused_connections_total",
          "Connections that were refused, or closed while they were idle, "
          "because there were too many.")),
      faults_(MakeCounter(registry, "http_server_faults_total",
                          "Connections cut by a fault of the gateway itself. "
                          "Not one is expected; the log says more.")) {
  // Create the series before the first scrape, so that rates exist from the
  // first request on.
  GaugeOf("GET");
  HistogramOf("GET", "_other", 404);
  BytesOf("GET", "_other");
}

prometheus::Gauge& Metrics::GaugeOf(std::string_view method) {
  absl::MutexLock lock(&mutex_);
  const auto found = gauges_.find(method);
  if (found != gauges_.end()) return *found->second;
  auto& gauge = active_.Add({{"http_request_method", std::string(method)}});
  gauges_.emplace(method, &gauge);
  return gauge;
}

prometheus::Histogram& Metrics::HistogramOf(std::string_view method,
                                            std::string_view route, int code) {
  const auto key = std::make_tuple(method, route, code);
  absl::MutexLock lock(&mutex_);
  const auto found = histograms_.find(key);
  if (found != histograms_.end()) return *found->second;
  prometheus::Labels labels = LabelsOf(method, route);
  labels["http_response_status_code"] = std::to_string(code);
  auto& histogram =
      durations_.Add(labels, prometheus::Histogram::BucketBoundaries{
                                 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10});
  histograms_.emplace(key, &histogram);
  return histogram;
}

Metrics::Bytes& Metrics::BytesOf(std::string_view method,
                                 std::string_view route) {
  const auto key = std::make_tuple(method, route);
  absl::MutexLock lock(&mutex_);
  const auto found = bytes_.find(key);
  if (found != bytes_.end()) return found->second;
  const prometheus::Labels labels = LabelsOf(method, route);
  const Bytes bytes = {.received = &received_.Add(labels),
                       .sent = &sent_.Add(labels)};
  return bytes_.emplace(key, bytes).first->second;
}

void Metrics::Started(std::string_view method) { GaugeOf(method).Increment(); }

void Metrics::Finished(const AccessRecord& request) {
  GaugeOf(request.method).Decrement();
  HistogramOf(request.method, request.route, request.code)
      .Observe(absl::ToDoubleSeconds(request.took));
  const Bytes& bytes = BytesOf(request.method, request.route);
  bytes.received->Increment(static_cast<double>(request.received_bytes));
  bytes.sent->Increment(static_cast<double>(request.sent_bytes));
}

std::string MetricsText(
    const std::vector<std::shared_ptr<prometheus::Collectable>>& sources) {
  std::vector<prometheus::MetricFamily> families;
  for (const auto& source : sources) {
    for (auto& family : source->Collect()) {
      families.push_back(std::move(family));
    }
  }
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace pinhole::gateway
