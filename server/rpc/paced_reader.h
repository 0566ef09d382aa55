// SPDX-License-Identifier: Apache-2.0

#pragma once

#include "absl/status/statusor.h"
#include "base/async/task.h"
#include "base/net/body_timeout.h"
#include "google/protobuf/message.h"
#include "server/rpc/call.h"
#include "server/rpc/message_stream.h"

namespace pinhole::rpc {

// Reads the messages of a client that must send at a minimum rate.  A message
// counts when it is complete, so one of 256 KiB must arrive at 9 KiB per
// second. Only the time that the server waits for the client counts.
class PacedReader final : public MessageReader {
 public:
  // All arguments must outlive this object.
  PacedReader(MessageReader& inner, Call& call,
              const BodyTimeout::Options& options)
      : inner_(inner), call_(call), options_(options), pace_(options) {}

  // Sets `call.message_due` while it waits; the front must request the call's
  // stop at that time.  Errors: those of the inner reader, and
  // DEADLINE_EXCEEDED with the reason UPLOAD_TOO_SLOW.
  Task<absl::StatusOr<bool>> Read(google::protobuf::Message* message) override;

 private:
  MessageReader& inner_;
  Call& call_;
  const BodyTimeout::Options options_;
  BodyTimeout pace_;
};

}  // namespace pinhole::rpc
