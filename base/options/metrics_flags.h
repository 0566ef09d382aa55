// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>

#include "absl/status/status.h"
#include "base/options/cli_command.h"

namespace pinhole {

// --http-metrics and --metrics-on-network, shared by the gateway and the
// server. Metrics reveal a site's load and software, so by default they can be
// read only from this machine.  Must outlive the parsing.
class MetricsFlags {
 public:
  explicit MetricsFlags(CliCommand app);

  // Checks whether `listen`, the value of --metrics-listen, is allowed.
  // Errors: INVALID_ARGUMENT with a message for the operator.
  absl::Status Check(const std::string& listen) const;

  // Whether the HTTP listener on `listen` also serves the metrics.
  bool OnHttp(const std::string& listen) const;

  // Whether the HTTP listener serves them only if the request's Host is
  // loopback.
  bool ForLoopbackOnly() const { return on_http_ == OnHttpMode::kAuto; }

 private:
  enum class OnHttpMode { kAuto, kOn, kOff };

  OnHttpMode on_http_ = OnHttpMode::kAuto;
  bool on_network_ = false;
};

}  // namespace pinhole
