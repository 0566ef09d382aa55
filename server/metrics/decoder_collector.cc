// SPDX-License-Identifier: Apache-2.0

#include "server/metrics/decoder_collector.h"

#include <cstddef>
#include <iterator>

#include "base/metrics/family.h"

namespace pinhole::metrics {

std::vector<prometheus::MetricFamily> DecoderCollector::Collect() const {
  // By the number of media::DecoderEnd.
  constexpr const char* kCauses[] = {"crashed", "out_of_memory", "out_of_time",
                                     "retired"};
  const media::Decoders::Numbers numbers = decoders_.Read();
  std::vector<Series> ended;
  for (std::size_t i = 0; i < std::size(kCauses); ++i) {
    ended.push_back({kCauses[i], static_cast<double>(numbers.ended[i])});
  }
  return {
      Gauge("pinhole_decoders", "Processes that decode pictures.", "state",
            {{"busy", static_cast<double>(numbers.busy)},
             {"idle", static_cast<double>(numbers.idle)}}),
      Gauge("pinhole_decoders_available",
            "0 while no process that decodes pictures can be started: uploads "
            "are refused.",
            numbers.available ? 1 : 0),
      Counter("pinhole_decoders_started_total",
              "Processes started to decode pictures.",
              static_cast<double>(numbers.started)),
      Counter("pinhole_decoders_ended_total",
              "Processes that decoded pictures and ended, by cause.", "cause",
              ended),
      HistogramFamily(
          "pinhole_decode_duration_seconds",
          "Decoding of a picture and making its renditions, refused "
          "pictures included.",
          numbers.seconds),
  };
}

}  // namespace pinhole::metrics
