// SPDX-License-Identifier: Apache-2.0

// Dispatch: what happens around every call, once: request id, caller, access,
// limits, deadline, metrics, log line, and the one mapping of errors.

#ifndef PINHOLE_SERVER_RPC_DISPATCH_H_
#define PINHOLE_SERVER_RPC_DISPATCH_H_

#include <functional>
#include <memory>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/async/task.h"
#include "base/net/body_timeout.h"
#include "base/net/client_address.h"
#include "google/protobuf/message.h"
#include "google/rpc/status.pb.h"
#include "server/rpc/call.h"
#include "server/rpc/call_shares.h"
#include "server/rpc/message_stream.h"
#include "server/rpc/rate_limits.h"
#include "server/rpc/registry.h"

namespace pinhole::rpc {

// Finds the caller of a session token.  Errors: UNAUTHENTICATED.
// (The domain's accounts; a function here so that tests need no accounts.)
// Called on the loops: it must not wait.
using Authenticate =
    std::function<absl::StatusOr<Caller>(std::string_view token)>;

// Thread-safe: several loops call it.
class Dispatch {
 public:
  struct Options {
    // A unary call without a deadline, or with a later one, gets this long.
    absl::Duration max_deadline = absl::Seconds(30);
    // The same for what administrators do: backups take long.
    absl::Duration max_admin_deadline = absl::Hours(6);
    // The same for an upload.  What the server streams has no such limit.
    absl::Duration max_upload_deadline = absl::Minutes(10);
    // Told of every call that has ended, after the observer, with the same
    // arguments: the log's.  Null: nobody is.
    std::function<void(const Method&, const Call&, const absl::Status&,
                       absl::Duration took)>
        on_ended = {};

    // What follows is for Pinhole's own services: questions about health are
    // answered whatever else there is to do.
    //
    // Calls and streams under way at a time; at least 1.
    int max_calls = 10'000;
    RateLimits::Options rates = {};
    CallShares::Options shares = {};  // Watches of health have some, too.
    BodyTimeout::Options pace = {};   // Of uploads.
    // Who calls, unless the front knows.  Never null.
    std::shared_ptr<const ClientAddressResolver> clients =
        std::make_shared<ClientAddressResolver>();
  };

  // Observes one call; implemented by the metrics.
  class Observer {
   public:
    virtual ~Observer() = default;
    virtual void Started(const Method& method) = 0;
    virtual void MessageReceived(const Method& method) = 0;
    virtual void MessageSent(const Method& method) = 0;
    // `call.parts` are complete and add up to `took`.
    virtual void Handled(const Method& method, const Call& call,
                         const absl::Status& status, absl::Duration took) = 0;
  };

  // `registry` and `observer` must outlive this object.
  Dispatch(const Registry& registry, Authenticate authenticate,
           Observer& observer, Options options);

  // Answers a call on the calling executor.  `call` needs metadata, peer,
  // authority, deadline and stop; the rest is filled in.  All arguments outlive
  // the task. The status is ready for the client: the safe message, with
  // details; the full text of a server's fault is in the log, under the request
  // id.
  Task<google::rpc::Status> Unary(const Method& method, Call& call,
                                  const google::protobuf::Message& request,
                                  google::protobuf::Message* response) const;
  Task<google::rpc::Status> ClientStreaming(
      const Method& method, Call& call, MessageReader& requests,
      google::protobuf::Message* response) const;
  Task<google::rpc::Status> ServerStreaming(
      const Method& method, Call& call,
      const google::protobuf::Message& request, MessageWriter& responses) const;

  // Whether a call may go on, before its request is there: the caller is who
  // they must be and calls no more often than they may.  OK: the rates have
  // counted the call, and it follows with `call.admitted`.  Else the call is
  // over, as by the functions above.
  google::rpc::Status Admit(const Method& method, Call& call) const;

  // Answers a call that no handler gets to see, because of `reason`: its
  // request is not a message of the type.
  google::rpc::Status Refuse(const Method& method, Call& call,
                             const absl::Status& reason) const;

  // Blocks until no call is under way.  For shutdown, after the fronts have
  // stopped giving calls.
  void WaitForCalls() const;

  const Registry& registry() const { return registry_; }

 private:
  void FindClient(Call& call) const;
  // What comes before and after the handler.  `Begin` says how many calls are
  // under way, this one included.
  int Begin(const Method& method, Call& call) const;
  absl::Status Check(const Method& method, Call& call, int under_way) const;
  absl::Status Identify(const Method& method, Call& call) const;
  google::rpc::Status End(const Method& method, Call& call,
                          absl::Status status) const;

  const Registry& registry_;
  const Authenticate authenticate_;
  Observer& observer_;
  const Options options_;
  const std::unique_ptr<RateLimits> rates_;
  const std::unique_ptr<CallShares> shares_;
  mutable absl::Mutex mutex_;
  mutable int under_way_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace pinhole::rpc

#endif  // PINHOLE_SERVER_RPC_DISPATCH_H_
