// SPDX-License-Identifier: Apache-2.0

// Makes many concurrent calls from one thread.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/rpc/status.pb.h"

namespace pinhole::lab {

enum class Dialect { kGrpc, kHttp };

// A call in the dialect of the target.
struct Request {
  // gRPC: "/pinhole.v1.PhotoService/GetPhoto". HTTP: "GET /v1/photos/1".
  std::string method;
  std::string authorization;  // "Bearer TOKEN"; empty to send none.
  std::string content_type;   // HTTP only; empty if there is no body.
  // gRPC: the messages, in bytes; one unless the method streams requests.
  // HTTP: the body, at most one.
  std::vector<std::string> messages;
  bool streams = false;  // gRPC only: requests or answers are a stream.
  // gRPC only: receives each message of a stream; the bytes are not kept.
  std::function<void(std::string bytes)> on_message = {};
};

struct Outcome {
  absl::StatusCode code = absl::StatusCode::kOk;
  // The kind of failure, "UNAVAILABLE" or "UNAVAILABLE WRITE_QUEUE_FULL"; empty
  // after a success.
  std::string failure;
  // gRPC: the bytes of the last message. HTTP: the body.
  std::string body;
  std::int64_t bytes = 0;  // Of all messages.
  // How long the call waited for a free connection before it was sent.
  absl::Duration waited;

  bool ok() const { return code == absl::StatusCode::kOk; }
};

// The outcome for `status`, with the reason of an ErrorInfo in its details.
Outcome FailureOf(const google::rpc::Status& status);

// Implemented for gRPC and for JSON over HTTP.  Not thread-safe; everything
// happens on the calling thread.
class Transport {
 public:
  virtual ~Transport() = default;

  // Starts a call.  `Poll` calls `done` when it was answered, has failed, or
  // took longer than `timeout` (DEADLINE_EXCEEDED).  Calls with the same `user`
  // share a connection.
  using Done = std::function<void(Outcome outcome)>;
  virtual void Start(std::size_t user, Request call, absl::Duration timeout,
                     Done done) = 0;

  // Handles completed calls.  Waits for the first one, at most until `until`.
  virtual void Poll(absl::Time until) = 0;

  // Ends all calls in flight with CANCELLED.
  virtual void Cancel() = 0;
};

}  // namespace pinhole::lab
