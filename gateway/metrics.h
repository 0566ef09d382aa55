// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_METRICS_H_
#define PINHOLE_GATEWAY_METRICS_H_

#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "gateway/observer.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace pinhole::gateway {

// HTTP requests as Prometheus metrics, by the names of OpenTelemetry's semantic
// conventions.  Thread-safe.
class Metrics final : public Observer {
 public:
  // `registry` must outlive this object.
  explicit Metrics(prometheus::Registry& registry);

  void Started(std::string_view method) override;
  void Finished(std::string_view method, std::string_view route, int code,
                absl::Duration took) override;

 private:
  using Key = std::tuple<std::string, std::string, int>;

  prometheus::Histogram& HistogramOf(std::string_view method,
                                     std::string_view route, int code);

  prometheus::Family<prometheus::Gauge>& active_;
  prometheus::Family<prometheus::Histogram>& durations_;
  absl::Mutex mutex_;
  // prometheus-cpp's own look-up by labels is several times as dear.
  std::map<Key, prometheus::Histogram*> histograms_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_METRICS_H_
