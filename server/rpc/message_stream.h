// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/async/task.h"
#include "google/protobuf/message.h"

namespace pinhole::rpc {

// The request messages of a client-streaming or bidirectional call.  Abstract
// because each front (gRPC, and the gateway in the same process) has its own.
class MessageReader {
 public:
  virtual ~MessageReader() = default;
  // Reads the next message; false after the last.
  // Errors: CANCELLED (the client is gone and did not end the stream; in a
  // bidirectional call this can be read as the end),
  // INVALID_ARGUMENT (the bytes are not a message of the type).
  virtual Task<absl::StatusOr<bool>> Read(
      google::protobuf::Message* message) = 0;
};

// The response messages of a server-streaming or bidirectional call.  Abstract
// for the same reason.
class MessageWriter {
 public:
  virtual ~MessageWriter() = default;
  // Sends the headers, which tells the client that the call was accepted.
  // Optional; at most once, before the first message.
  // Errors: CANCELLED (the client is gone).
  virtual Task<absl::Status> Begin() = 0;
  // Writes a message; returns when the front is ready for the next one
  // (back-pressure).  May move the content out of the message.
  // Errors: CANCELLED (the client is gone).
  virtual Task<absl::Status> Write(google::protobuf::Message& message) = 0;
};

}  // namespace pinhole::rpc
