// SPDX-License-Identifier: Apache-2.0

#include "gateway/metrics.h"

namespace pinhole::gateway {

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
              .Register(registry)) {
  // There from the first scrape, so that rates exist before the first request.
  active_.Add({{"http_request_method", "GET"}});
  HistogramOf("GET", "_other", 404);
}

prometheus::Histogram& Metrics::HistogramOf(std::string_view method,
                                            std::string_view route, int code) {
  absl::MutexLock lock(&mutex_);
  prometheus::Histogram*& histogram = histograms_[Key(method, route, code)];
  if (histogram == nullptr) {
    histogram =
        &durations_.Add({{"http_request_method", std::string(method)},
                         {"http_route", std::string(route)},
                         {"http_response_status_code", std::to_string(code)}},
                        prometheus::Histogram::BucketBoundaries{
                            0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                            0.1, 0.25, 0.5, 1, 2.5, 5, 10});
  }
  return *histogram;
}

void Metrics::Started(std::string_view method) {
  active_.Add({{"http_request_method", std::string(method)}}).Increment();
}

void Metrics::Finished(std::string_view method, std::string_view route,
                       int code, absl::Duration took) {
  active_.Add({{"http_request_method", std::string(method)}}).Decrement();
  HistogramOf(method, route, code).Observe(absl::ToDoubleSeconds(took));
}

}  // namespace pinhole::gateway
