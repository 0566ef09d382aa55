// SPDX-License-Identifier: Apache-2.0

// Dispatch: the common part of all calls: request id, authentication, access,
// limits, deadline, metrics, log line, and the mapping of errors.

#pragma once

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
#include "server/rpc/concurrency_limits.h"
#include "server/rpc/message_stream.h"
#include "server/rpc/rate_limits.h"
#include "server/rpc/registry.h"

namespace pinhole::rpc {

// Finds the user of a session token, which outlives the task.
// Errors: UNAUTHENTICATED.
using Authenticate =
    std::function<Task<absl::StatusOr<Caller>>(std::string_view token)>;

// Thread-safe: several loops call it.
class Dispatch {
 public:
  struct Options {
    // Longest time of a unary call; earlier deadlines of clients apply.
    absl::Duration max_deadline = absl::Seconds(30);
    // Longest time of a call for administrators, such as a backup.
    absl::Duration max_admin_deadline = absl::Hours(6);
    // Longest time of an upload.  Server streams have no limit.
    absl::Duration max_upload_deadline = absl::Minutes(10);
    // Called for every call that has ended, after the observer and with the
    // same arguments.  May be null.
    std::function<void(const Method&, const Call&, const absl::Status&,
                       absl::Duration took)>
        on_ended = {};

    // Asked before each call of Pinhole's own services.  An error refuses the
    // call.  May be null.
    std::function<absl::Status()> refusal = {};

    // The following limits apply to Pinhole's own services, but not to health
    // checks, which are answered under any load.
    //
    // Concurrent calls and streams, at least 1.
    int max_calls = 10'000;
    RateLimits::Options rates = {};
    ConcurrencyLimits::Options concurrency =
        {};                          // These limit health and reflection too.
    BodyTimeout::Options pace = {};  // Minimum rate of uploads.
    // Finds the client unless the front did.  Must not be null.
    std::shared_ptr<const ClientAddressResolver> clients =
        std::make_shared<ClientAddressResolver>();
  };

  // Observes calls; implemented by the metrics.
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

  // Answers a call on the calling executor.  `call` must have metadata, peer,
  // authority, deadline and stop; the rest is filled in.  All arguments must
  // outlive the task.  The returned status is safe for the client: the text of
  // an internal error is only in the log, under the request id.
  Task<google::rpc::Status> Unary(const Method& method, Call& call,
                                  const google::protobuf::Message& request,
                                  google::protobuf::Message* response) const;
  Task<google::rpc::Status> ClientStreaming(
      const Method& method, Call& call, MessageReader& requests,
      google::protobuf::Message* response) const;
  Task<google::rpc::Status> ServerStreaming(
      const Method& method, Call& call,
      const google::protobuf::Message& request, MessageWriter& responses) const;
  Task<google::rpc::Status> BidiStreaming(const Method& method, Call& call,
                                          MessageReader& requests,
                                          MessageWriter& responses) const;

  // Checks authentication, access and limits before the request is available.
  // If OK, the rate limits have counted the call, which must follow with
  // `call.admitted`.  Otherwise the call is over, as with the functions above.
  Task<google::rpc::Status> Admit(const Method& method, Call& call) const;

  // Ends a call with `reason` without running its handler, because its request
  // cannot be parsed.
  google::rpc::Status Refuse(const Method& method, Call& call,
                             const absl::Status& reason) const;

  // Blocks until no call is in progress.  For shutdown, after the fronts have
  // stopped.
  void WaitForCalls() const;

  const Registry& registry() const { return registry_; }

 private:
  void FindClient(Call& call) const;
  // Run before and after the handler.  `Begin` returns the number of calls in
  // progress, including this one.
  int Begin(const Method& method, Call& call) const;
  Task<absl::Status> Check(const Method& method, Call& call,
                           int under_way) const;
  google::rpc::Status End(const Method& method, Call& call,
                          absl::Status status) const;

  const Registry& registry_;
  const Authenticate authenticate_;
  Observer& observer_;
  const Options options_;
  const std::unique_ptr<RateLimits> rates_;
  const std::unique_ptr<ConcurrencyLimits> concurrency_;
  mutable absl::Mutex mutex_;
  mutable int under_way_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace pinhole::rpc
