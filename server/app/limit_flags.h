// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "base/options/cli_command.h"
#include "server/domain/login_throttle.h"
#include "server/model/limits.h"
#include "server/rpc/dispatch.h"
#include "server/rpc/grpc/grpc_connections.h"

namespace pinhole::app {

// Limits on callers; docs/security.md lists all of them.
struct CallLimits {
  int max_calls = rpc::Dispatch::Options().max_calls;
  rpc::RateLimits::Options rates = {.per_user = 50, .per_address = 100};
  rpc::ConcurrencyLimits::Options shares = {};
  double address_accounts = 20;  // Per hour.
  rpc::GrpcConnections::Options grpc_connections = {};
  int user_uploads = limits::kMaxUserUploads;
  domain::LoginThrottle::Options logins = {};
};

// The flags for CallLimits; must outlive the parsing.
class LimitFlags {
 public:
  explicit LimitFlags(CliCommand app);

  // The values; valid after the parsing.
  const CallLimits& Resolve() const { return limits_; }

 private:
  CallLimits limits_;
};

}  // namespace pinhole::app
