// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_SERVER_RPC_PACED_READER_H_
#define PINHOLE_SERVER_RPC_PACED_READER_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "server/base/task.h"
#include "server/rpc/call.h"

namespace pinhole::rpc {

// The requests of a client that has to keep a pace: an upload that sends
// nothing holds a place, and memory, that others need.  Only the time that the
// server waits for the client counts.
class PacedReader final : public MessageReader {
 public:
  struct Pace {
    absl::Duration first = absl::Seconds(10);  // For the first message.
    // After it: how long the client may send nothing, and the rate at which it
    // earns more of such time, up to `pause` again.  A message counts when it
    // is complete, so one of 256 KiB needs 9 KiB a second.
    absl::Duration pause = absl::Seconds(30);
    double bytes_per_second = 1024;
  };

  // All must outlive this object.
  PacedReader(MessageReader& inner, Call& call, const Pace& pace)
      : inner_(inner), call_(call), pace_(pace), left_(pace.first) {}

  // While it waits, `call.message_due` says until when; whoever runs the call
  // requests its stop then.
  // Errors: those of the inner reader; DEADLINE_EXCEEDED, reason
  // UPLOAD_TOO_SLOW.
  Task<absl::StatusOr<bool>> Read(google::protobuf::Message* message) override;

 private:
  MessageReader& inner_;
  Call& call_;
  const Pace& pace_;
  absl::Duration left_;  // How long the next message may take.
  bool begun_ = false;   // The first message is there.
};

}  // namespace pinhole::rpc

#endif  // PINHOLE_SERVER_RPC_PACED_READER_H_
