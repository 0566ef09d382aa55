// SPDX-License-Identifier: Apache-2.0

// Upstream: executes the gateway's calls.
//
// Abstract because there are two implementations: remote gRPC servers
// (remote_upstream.h) and the services in the server's own process.
//
// For all functions: they are called on one thread at a time.  Callbacks can
// come on any thread, even before the function returns, and are called at most
// once.  Destroying a call cancels it if it has not ended; its remaining
// callbacks are then dropped or come later.  Messages have generated types.

#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "base/net/client_address.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/rpc/status.pb.h"

namespace pinhole::gateway {

// Keys are in lower case.  Values are printable ASCII, but for keys that end in
// -bin they are arbitrary bytes, not in base64.
using Metadata = std::vector<std::pair<std::string, std::string>>;

// What a call has besides its messages.
struct CallHeaders {
  Metadata metadata;  // Includes x-request-id.
  std::string peer;   // The peer of the HTTP connection: ipv4:127.0.0.1:1234
  // The client, perhaps behind proxies; equal to x-forwarded-for.
  ClientAddress client = {};
  std::string request_id;
  std::string traceparent;  // Also in the metadata.
  absl::Time deadline = absl::InfiniteFuture();
  bool admitted = false;  // `Upstream::Admit` has returned OK.
};

// A message, or, without one, the status with which the call ended.
struct UpstreamReply {
  google::rpc::Status status;  // With details; OK if there is a message.
  std::unique_ptr<google::protobuf::Message> message;
  // The initial metadata with the first message, and the trailing metadata with
  // the end.  Without grpc-* keys.
  Metadata metadata;
};

// Receives the initial metadata.
using BeginCallback = absl::AnyInvocable<void(Metadata)>;
using ReplyCallback = absl::AnyInvocable<void(UpstreamReply)>;
// False: the call has ended or is about to.
using WriteCallback = absl::AnyInvocable<void(bool)>;

// A call under way.
class UpstreamCall {
 public:
  virtual ~UpstreamCall() = default;
};

// The requests of a client-streaming call.
class RequestStream : public UpstreamCall {
 public:
  // At most one at a time: `done` is called when the next message can be
  // written (backpressure).
  virtual void Write(std::unique_ptr<google::protobuf::Message> message,
                     WriteCallback done) = 0;
  // Ends the requests.  Call it after the last `Write` is done.
  virtual void WritesDone() = 0;
};

// The responses of a server-streaming call.
class ResponseStream : public UpstreamCall {
 public:
  // At most one at a time: `done` receives the next message, or the end of the
  // call, after which there must be no further read.
  virtual void Read(ReplyCallback done) = 0;

  // Call it before the first `Read`, at most once.  Calls `done` when the
  // server has accepted the call, which can be long before the first message.
  // Can also call it just before a call is rejected, so wait a moment before
  // relying on it. An upstream that cannot know never calls it.
  virtual void AwaitBegin(BeginCallback /*done*/) {}
};

// Thread-safe.  Must outlive its calls.
class Upstream {
 public:
  using Method = google::protobuf::MethodDescriptor;
  using MessagePtr = std::unique_ptr<google::protobuf::Message>;

  virtual ~Upstream() = default;

  // Passes the response or the error to `done`.
  virtual std::unique_ptr<UpstreamCall> Unary(const Method& method,
                                              CallHeaders headers,
                                              MessagePtr request,
                                              ReplyCallback done) = 0;

  // Passes the response or the error to `done`, perhaps before everything was
  // written.
  virtual std::unique_ptr<RequestStream> ClientStreaming(
      const Method& method, CallHeaders headers, ReplyCallback done) = 0;

  virtual std::unique_ptr<ResponseStream> ServerStreaming(
      const Method& method, CallHeaders headers, MessagePtr request) = 0;

  // Checks whether the caller may make the call, before the body of its request
  // is read.  Passes the error that the call would get, or OK, to `done`; the
  // call that follows has `admitted` set in its headers.  `costly`: the body is
  // long or compressed, so that a remote check is worthwhile.  Returns null
  // without calling `done` if the body can be read without a check, which is
  // the default.
  virtual std::unique_ptr<UpstreamCall> Admit(const Method& method,
                                              const CallHeaders& headers,
                                              bool costly, ReplyCallback done);

  // Checks whether calls are served.  Passes OK without a message to `done` as
  // soon as one server is ready, or UNAVAILABLE if none is.  The metadata is
  // that of `Readiness` (health.h).  The default uses
  // `Unary` and is sufficient for one server.
  virtual std::unique_ptr<UpstreamCall> Check(CallHeaders headers,
                                              ReplyCallback done);
};

}  // namespace pinhole::gateway
