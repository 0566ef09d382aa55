// SPDX-License-Identifier: Apache-2.0

#include "server/metrics/domain_collector.h"

#include "base/metrics/family.h"

namespace pinhole::metrics {

std::vector<prometheus::MetricFamily> DomainCollector::Collect() const {
  const domain::AccountStats stats = accounts_.Stats();
  const domain::PasswordStats& passwords = stats.passwords;
  const domain::RenditionStats renditions = renditions_.Stats();
  prometheus::MetricFamily hashes{
      "pinhole_password_hash_duration_seconds",
      "Seconds to hash a password, without the wait for a thread, by "
      "operation: "
      "hash of a new password, or verify of an existing one.",
      prometheus::MetricType::Histogram,
      {ToMetric(passwords.hash_times), ToMetric(passwords.verify_times)}};
  hashes.metric[0].label = {{"operation", "hash"}};
  hashes.metric[1].label = {{"operation", "verify"}};
  return {
      hashes,
      Counter("pinhole_password_hash_cpu_seconds_total",
              "CPU seconds spent on hashing passwords.", passwords.cpu_seconds),
      Gauge("pinhole_password_hash_queue_depth",
            "Passwords that wait for a thread to be hashed.",
            static_cast<double>(passwords.queue_depth)),
      Counter("pinhole_logins_total", "Login attempts, by result.", "result",
              {{"ok", static_cast<double>(stats.logins_ok)},
               {"bad_credentials",
                static_cast<double>(stats.logins_bad_credentials)},
               {"limited", static_cast<double>(stats.logins_limited)},
               {"locked", static_cast<double>(stats.logins_locked)},
               {"failed", static_cast<double>(stats.logins_failed)}}),
      HistogramFamily("pinhole_photo_upload_size_bytes",
                      "Size of the originals of uploaded photos in bytes.",
                      photos_.UploadSizes()),
      Gauge("pinhole_renditions_outdated",
            "Photos whose renditions were made by an earlier version and will "
            "be rebuilt.",
            static_cast<double>(renditions.outdated)),
      Counter(
          "pinhole_rendition_rebuilds_total",
          "Attempts to rebuild the renditions of a photo, by result: replaced; "
          "kept, because the original can no longer be rendered; damaged, "
          "because files are missing or damaged; failed, to be repeated.",
          "result",
          {{"replaced", static_cast<double>(renditions.replaced)},
           {"kept", static_cast<double>(renditions.kept)},
           {"damaged", static_cast<double>(renditions.damaged)},
           {"failed", static_cast<double>(renditions.failed)}}),
  };
}

}  // namespace pinhole::metrics
