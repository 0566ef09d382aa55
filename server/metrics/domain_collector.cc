// SPDX-License-Identifier: Apache-2.0

#include "server/metrics/domain_collector.h"

#include "server/metrics/family.h"

namespace pinhole::metrics {

std::vector<prometheus::MetricFamily> DomainCollector::Collect() const {
  const domain::AccountStats stats = accounts_.Stats();
  const domain::PasswordStats& passwords = stats.passwords;
  prometheus::MetricFamily hashes{
      "pinhole_password_hash_duration_seconds",
      "Hashing of new passwords and of passwords to be checked, without the "
      "wait for a thread.",
      prometheus::MetricType::Histogram,
      {ToMetric(passwords.hash_times), ToMetric(passwords.verify_times)}};
  hashes.metric[0].label = {{"operation", "hash"}};
  hashes.metric[1].label = {{"operation", "verify"}};
  return {
      hashes,
      Counter("pinhole_password_hash_cpu_seconds_total",
              "CPU time of hashing passwords.", passwords.cpu_seconds),
      Gauge("pinhole_password_hash_queue_depth",
            "Passwords waiting for a thread.",
            static_cast<double>(passwords.queue_depth)),
      Counter("pinhole_logins_total", "Logins, by what came of them.", "result",
              {{"ok", static_cast<double>(stats.logins_ok)},
               {"bad_credentials",
                static_cast<double>(stats.logins_bad_credentials)},
               {"limited", static_cast<double>(stats.logins_limited)},
               {"locked", static_cast<double>(stats.logins_locked)},
               {"failed", static_cast<double>(stats.logins_failed)}}),
      HistogramFamily("pinhole_photo_upload_size_bytes",
                      "Originals of the photos uploaded.",
                      photos_.UploadSizes()),
  };
}

}  // namespace pinhole::metrics
