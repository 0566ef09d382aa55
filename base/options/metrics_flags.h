// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_BASE_OPTIONS_METRICS_FLAGS_H_
#define PINHOLE_BASE_OPTIONS_METRICS_FLAGS_H_

#include <string>

#include "absl/status/status.h"
#include "base/options/cli_command.h"

namespace pinhole {

// Who may see the metrics, by flags that the gateway and the server share.
// Metrics tell a stranger how busy a site is and what it runs, so nobody
// elsewhere sees them unless the operator says so.  Outlives the parsing.
class MetricsFlags {
 public:
  explicit MetricsFlags(CliCommand app);

  // Whether `listen`, the address of the metrics alone, may be listened on.
  // Errors: INVALID_ARGUMENT, in words for the operator.
  absl::Status Check(const std::string& listen) const;

  // Whether HTTP on `listen` serves the metrics, too.
  bool OnHttp(const std::string& listen) const;

  // Whether it serves them only to requests with a Host of loopback.
  bool ForLoopbackOnly() const { return on_http_ == OnHttpMode::kAuto; }

 private:
  enum class OnHttpMode { kAuto, kOn, kOff };

  OnHttpMode on_http_ = OnHttpMode::kAuto;
  bool on_network_ = false;
};

}  // namespace pinhole

#endif  // PINHOLE_BASE_OPTIONS_METRICS_FLAGS_H_
