// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace pinhole::lab {

// The contents of a server's /metrics at one moment, in Prometheus' text format
// 0.0.4.
class MetricsPage {
 public:
  using Labels = std::map<std::string, std::string>;
  struct Sample {
    Labels labels;
    double value = 0;
  };

  // Errors: INVALID_ARGUMENT (names the first line that is not a sample).
  static absl::StatusOr<MetricsPage> Parse(std::string_view text);

  // The samples called `name`, which for a histogram ends in _sum, _count or
  // _bucket.  Empty if there are none.
  const std::vector<Sample>& Of(const std::string& name) const;
  bool Has(const std::string& name) const { return !Of(name).empty(); }

  // The sum of the samples of `name` that have all of `labels`.
  double Sum(const std::string& name, const Labels& labels = {}) const;

  std::size_t size() const { return samples_.size(); }

 private:
  std::map<std::string, std::vector<Sample>> samples_;
};

// The quantile `q` of the values that a histogram counted between two pages, in
// its unit, interpolated within a bucket as Prometheus' histogram_quantile
// does. 0 if nothing was counted.
double HistogramQuantile(double q, const std::string& name,
                         const MetricsPage& before, const MetricsPage& after);

}  // namespace pinhole::lab
