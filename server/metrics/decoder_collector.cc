// SPDX-License-Identifier: Apache-2.0

#include "server/metrics/decoder_collector.h"

#include <cstddef>
#include <iterator>

#include "base/metrics/family.h"

namespace pinhole::metrics {

std::vector<prometheus::MetricFamily> DecoderCollector::Collect() const {
  // Indexed by media::DecoderEnd.
  constexpr const char* kCauses[] = {"crashed", "out_of_memory", "out_of_time",
                                     "retired"};
  const media::Decoders::Numbers numbers = decoders_.Read();
  std::vector<Series> ended;
  for (std::size_t i = 0; i < std::size(kCauses); ++i) {
    ended.push_back({kCauses[i], static_cast<double>(numbers.ended[i])});
  }
  return {
      Gauge("pinhole_decoders", "Processes that decode pictures, by state.",
            "state",
            {{"busy", static_cast<double>(numbers.busy)},
             {"idle", static_cast<double>(numbers.idle)}}),
      Gauge("pinhole_decoders_available",
            "1 if processes that decode pictures can be started, else 0; "
            "uploads are refused while it is 0.",
            numbers.available ? 1 : 0),
      Counter("pinhole_decoders_started_total", "Decoder processes started.",
              static_cast<double>(numbers.started)),
      Counter("pinhole_decoders_ended_total",
              "Decoder processes ended, by cause.", "cause", ended),
      HistogramFamily(
          "pinhole_decode_duration_seconds",
          "Seconds to decode a picture and make its renditions, refused "
          "pictures included.",
          numbers.seconds),
  };
}

}  // namespace pinhole::metrics
