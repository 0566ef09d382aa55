// SPDX-License-Identifier: Apache-2.0

// Settings: what the operator of pinhole-gateway can set.  The only place that
// reads flags, the environment and the file of settings.

#ifndef PINHOLE_GATEWAY_SETTINGS_H_
#define PINHOLE_GATEWAY_SETTINGS_H_

#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "base/log/logging.h"
#include "base/net/trusted_proxies.h"
#include "base/options/drain_flags.h"
#include "base/options/option_sources.h"
#include "gateway/http_server.h"
#include "gateway/upstream/remote_upstream.h"

namespace pinhole::gateway {

struct Settings {
  std::vector<std::string> backends;  // See RemoteUpstream.
  RemoteUpstreamOptions upstream;
  HttpServer::Options http;  // All but the services.
  TrustedProxies trusted_proxies;
  std::string metrics_listen = "127.0.0.1:9465";  // Or "off".
  bool http_metrics = false;  // On the address of HTTP, too.
  LogOptions log;
  DrainTimes drain;
};

std::variant<Settings, ExitRequest> ParseSettings(int argc,
                                                  const char* const* argv);

// What stands in the way of a start although each setting by itself is right.
// Listens on nothing.  Errors: INVALID_ARGUMENT, in words for the operator.
absl::Status CheckSettings(const Settings& settings);

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_SETTINGS_H_
