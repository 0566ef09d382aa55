// SPDX-License-Identifier: Apache-2.0

// The settings of pinhole-gateway, from the command line, the environment and
// the configuration file.

#pragma once

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
  HttpServer::Options http;  // Without the services.
  TrustedProxies trusted_proxies;
  std::string metrics_listen = "127.0.0.1:9465";  // Or "off".
  bool http_metrics = false;  // Whether the API's address serves /metrics, too.
  LogOptions log;
  DrainTimes drain;
};

std::variant<Settings, ExitRequest> ParseSettings(int argc,
                                                  const char* const* argv);

// Checks what parsing cannot: files, and settings that depend on each other.
// Does not listen.  Errors: INVALID_ARGUMENT, in words for the operator.
absl::Status CheckSettings(const Settings& settings);

}  // namespace pinhole::gateway
