// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "gateway/connection/observer.h"
#include "prometheus/collectable.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace pinhole::gateway {

// HTTP requests as Prometheus metrics, named after OpenTelemetry's semantic
// conventions.  Thread-safe.
class Metrics final : public Observer {
 public:
  // `registry` must outlive this object.
  explicit Metrics(prometheus::Registry& registry);

  void Started(std::string_view method) override;
  void Finished(const AccessRecord& request) override;
  void ConnectionOpened() override { connections_.Increment(); }
  void ConnectionClosed() override { connections_.Decrement(); }
  void ConnectionRefused() override { refused_.Increment(); }
  void Faulted() override { faults_.Increment(); }

 private:
  // Compares tuples of strings as views, so that a look-up does not allocate.
  template <typename Views>
  struct ByViews {
    using is_transparent = void;
    bool operator()(const Views& a, const Views& b) const { return a < b; }
  };

  struct Bytes {
    prometheus::Counter* received = nullptr;
    prometheus::Counter* sent = nullptr;
  };

  prometheus::Gauge& GaugeOf(std::string_view method);
  prometheus::Histogram& HistogramOf(std::string_view method,
                                     std::string_view route, int code);
  Bytes& BytesOf(std::string_view method, std::string_view route);

  prometheus::Family<prometheus::Gauge>& active_;
  prometheus::Family<prometheus::Histogram>& durations_;
  prometheus::Family<prometheus::Counter>& received_;
  prometheus::Family<prometheus::Counter>& sent_;
  prometheus::Gauge& connections_;
  prometheus::Counter& refused_;
  prometheus::Counter& faults_;

  absl::Mutex mutex_;
  // prometheus-cpp's own look-up by labels is several times slower.
  std::map<std::string, prometheus::Gauge*, std::less<>> gauges_
      ABSL_GUARDED_BY(mutex_);
  std::map<std::tuple<std::string, std::string, int>, prometheus::Histogram*,
           ByViews<std::tuple<std::string_view, std::string_view, int>>>
      histograms_ ABSL_GUARDED_BY(mutex_);
  std::map<std::tuple<std::string, std::string>, Bytes,
           ByViews<std::tuple<std::string_view, std::string_view>>>
      bytes_ ABSL_GUARDED_BY(mutex_);
};

// Returns the metrics of `sources` in the text format of Prometheus.
// Thread-safe if the sources are.
std::string MetricsText(
    const std::vector<std::shared_ptr<prometheus::Collectable>>& sources);

}  // namespace pinhole::gateway
