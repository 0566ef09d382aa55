// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace pinhole::gateway {

// PEM files for backends that are called over TLS.  Changed files are read
// again.
struct BackendTlsFiles {
  // Certificate authorities; empty: the trust store of the system.
  std::string authorities;
  // Client certificate and key, for servers that require them.
  std::string certificate;
  std::string key;
};

// A unary call that succeeds for every valid session and for nobody else.
struct TokenCheck {
  const google::protobuf::MethodDescriptor* method = nullptr;
  std::shared_ptr<const google::protobuf::Message> request;
};

struct RemoteUpstreamOptions {
  // Connections to each backend for unary calls, 1 to 64.  A server serves each
  // connection on one thread.
  int channels = 1;
  // A connection without traffic is pinged at this interval and closed if the
  // server does not answer in time.  Servers reject pings that are more
  // frequent than their limit (gRPC's default: one every 5 minutes).
  absl::Duration keepalive_time = absl::Seconds(60);
  absl::Duration keepalive_timeout = absl::Seconds(20);
  BackendTlsFiles tls;
  // Without it, tokens are not checked before the body is read.
  TokenCheck token_check = {};
};

}  // namespace pinhole::gateway
