// SPDX-License-Identifier: Apache-2.0

// Call: the context of a call besides its messages.
//
// Every front (gRPC, and the gateway in the same process) fills it in the same
// way, so handlers do not depend on the front.

#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "base/call_timing.h"
#include "base/concurrency_limiter.h"
#include "base/net/client_address.h"
#include "server/domain/caller.h"

namespace pinhole::rpc {

// The authenticated user; empty if not signed in.
using domain::Caller;

// Keys are lower case.
using Metadata = std::vector<std::pair<std::string, std::string>>;

struct Call {
  Metadata metadata;  // As sent by the client.
  std::string peer;   // Address of the connection: ipv4:127.0.0.1:1234
  // The host that the client named in the request.
  std::string authority;
  absl::Time deadline = absl::InfiniteFuture();
  // Requested when the client disconnects, the deadline passes or the server
  // shuts down; on any thread.
  std::stop_token stop;
  // Whether `stop` was requested because of a shutdown.  Set on the call's
  // executor.
  bool server_stopping = false;
  // `Dispatch::Admit` has counted the call for the rate limits.  May be set
  // only by a front in the same process.
  bool admitted = false;

  // The deadline of the client's next message, while a handler waits for it.
  absl::Time message_due = absl::InfiniteFuture();
  // The slots that the call occupies (concurrency_limits.h).
  std::vector<ConcurrencyLimiter::Slot> slots;

  std::string request_id;     // From x-request-id, or generated.
  Caller caller;              // Set before the handler runs.
  ClientAddress client;       // The address that limits apply to.
  bool client_known = false;  // The front has set `client`.
  Metadata trailers;          // Sent back with the status.
  CallTiming parts;           // The time spent in each phase.

  // The first value of `key`, empty if there is none.
  std::string_view Header(std::string_view key) const {
    for (const auto& [name, value] : metadata) {
      if (name == key) return value;
    }
    return {};
  }
};

}  // namespace pinhole::rpc
