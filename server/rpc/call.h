// SPDX-License-Identifier: Apache-2.0

// Call: what a handler knows of the request it answers besides its message.
//
// Filled the same way by every front (gRPC, the gateway in the same process),
// so that a handler cannot tell them apart.

#ifndef PINHOLE_SERVER_RPC_CALL_H_
#define PINHOLE_SERVER_RPC_CALL_H_

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
#include "server/model/ids.h"

namespace pinhole::rpc {

// Who calls; empty if not signed in.
struct Caller {
  UserId user;
  SessionId session;
  std::string handle;
  bool administrator = false;
};

// Keys are lower case.
using Metadata = std::vector<std::pair<std::string, std::string>>;

struct Call {
  Metadata metadata;  // As the client sent it.
  std::string peer;   // Of the connection: ipv4:127.0.0.1:1234
  // The host that the call is for, as the client wrote it.
  std::string authority;
  absl::Time deadline = absl::InfiniteFuture();
  // Asked to stop when the client hangs up, the deadline passes or the server
  // shuts down.  May be asked on any thread.
  std::stop_token stop;
  // Why it was asked: the server shuts down.  Set on the call's executor.
  bool server_stopping = false;
  // `Dispatch::Admit` has counted the call, so the rates count it no more. Only
  // a front in the same process may say so.
  bool admitted = false;

  // By when the client must have sent its next message; set while a handler
  // waits for one.
  absl::Time message_due = absl::InfiniteFuture();
  // What it holds of its caller's shares (call_shares.h).
  std::vector<ConcurrencyLimiter::Slot> places;

  std::string request_id;     // Taken from x-request-id, or made.
  Caller caller;              // Known when the handler runs.
  ClientAddress client;       // Who limits by address count.
  bool client_known = false;  // The front has found `client`.
  Metadata trailers;          // Sent back with the status.
  CallTiming parts;           // Where its time goes.

  // The first value of `key`, empty if there is none.
  std::string_view Header(std::string_view key) const {
    for (const auto& [name, value] : metadata) {
      if (name == key) return value;
    }
    return {};
  }
};

}  // namespace pinhole::rpc

#endif  // PINHOLE_SERVER_RPC_CALL_H_
