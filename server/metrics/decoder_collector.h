// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <vector>

#include "prometheus/collectable.h"
#include "prometheus/metric_family.h"
#include "server/media/decoders.h"

namespace pinhole::metrics {

// The decoder processes.  Thread-safe.
class DecoderCollector final : public prometheus::Collectable {
 public:
  // `decoders` must outlive this object.
  explicit DecoderCollector(const media::Decoders& decoders)
      : decoders_(decoders) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const media::Decoders& decoders_;
};

}  // namespace pinhole::metrics
