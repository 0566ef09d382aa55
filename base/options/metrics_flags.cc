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
      "/metrics and the live page /metrics.html on the address of "
      "HTTP, too: auto serves them if that is loopback, and /metrics "
      "only to requests whose Host is loopback");
  app.AddFlag("--metrics-on-network", on_network_,
              "Let --metrics-listen be an address that can be reached from "
              "other machines");
}

absl::Status MetricsFlags::Check(const std::string& listen) const {
  if (on_network_ || IsLocalAddress(listen)) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format(
      "--metrics-listen {} can be reached from other machines; listen on "
      "127.0.0.1, or add --metrics-on-network if that is meant",
      listen));
}

bool MetricsFlags::OnHttp(const std::string& listen) const {
  if (on_http_ != OnHttpMode::kAuto) return on_http_ == OnHttpMode::kOn;
  return IsLocalAddress(listen);
}

}  // namespace pinhole
