// SPDX-License-Identifier: Apache-2.0

#include "base/options/metrics_flags.h"

#include "base/net/local_address.h"
#include "fmt/format.h"

namespace pinhole {

MetricsFlags::MetricsFlags(CliCommand app) {
  app.AddChoice<OnHttpMode>(
      "--http-metrics", on_http_,
      {{"auto", OnHttpMode::kAuto},
       {"on", OnHttpMode::kOn},
       {"off", OnHttpMode::kOff}},
      "Serve /metrics and the live page /metrics.html also on the HTTP "
      "address. With auto, they are served if that address is loopback, and "
      "/metrics only if the Host of the request is loopback");
  app.AddFlag("--metrics-on-network", on_network_,
              "Allow --metrics-listen to be an address that other machines can "
              "reach");
}

absl::Status MetricsFlags::Check(const std::string& listen) const {
  if (on_network_ || IsLocalAddress(listen)) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format(
      "--metrics-listen {} can be reached from other machines; listen on "
      "127.0.0.1, or add --metrics-on-network to allow this",
      listen));
}

bool MetricsFlags::OnHttp(const std::string& listen) const {
  if (on_http_ != OnHttpMode::kAuto) return on_http_ == OnHttpMode::kOn;
  return IsLocalAddress(listen);
}

}  // namespace pinhole
