// SPDX-License-Identifier: Apache-2.0

// Upstream: where the gateway's calls go.
//
// Abstract because there are two: a gRPC server elsewhere (remote_upstream.h)
// and the services of the same process, which the server provides.
//
// What holds for all of it: functions are called on one thread at a time;
// callbacks may come on any thread, even before the function returns, and each
// is called at most once.  Destroying a call cancels it if it has not ended;
// what it still had to report may then be dropped or arrive later.  Messages
// are of the generated types.

#ifndef PINHOLE_GATEWAY_UPSTREAM_UPSTREAM_H_
#define PINHOLE_GATEWAY_UPSTREAM_UPSTREAM_H_

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

// Keys are lower case.  Values are printable ASCII; any bytes, as they are and
// not in base64, if the key ends in -bin.
using Metadata = std::vector<std::pair<std::string, std::string>>;

// What accompanies a call besides its messages.
struct CallHeaders {
  Metadata metadata;  // x-request-id is among it.
  std::string peer;   // Of the HTTP connection: ipv4:127.0.0.1:1234
  // Who asks, perhaps through proxies; x-forwarded-for says the same.
  ClientAddress client = {};
  std::string request_id;
  std::string traceparent;  // It is among the metadata, too.
  absl::Time deadline = absl::InfiniteFuture();
  bool admitted = false;  // `Upstream::Admit` has said so.
};

// A message, or the status without one: how the call ended.
struct UpstreamReply {
  google::rpc::Status status;  // With details; OK if there is a message.
  std::unique_ptr<google::protobuf::Message> message;
  // What the server sent beside it: before the first message, and at the end.
  // Without the grpc-* that are between gRPC's ends.
  Metadata metadata;
};

// Gets what the server sent beside the first message.
using BeginCallback = absl::AnyInvocable<void(Metadata)>;
using ReplyCallback = absl::AnyInvocable<void(UpstreamReply)>;
// Whether the stream takes more; false means that the call has ended or will.
using WriteCallback = absl::AnyInvocable<void(bool)>;

// A call under way.
class UpstreamCall {
 public:
  virtual ~UpstreamCall() = default;
};

// The requests of a client-streaming call.
class RequestStream : public UpstreamCall {
 public:
  // One at a time: `done` comes when the next may be written (back-pressure).
  virtual void Write(std::unique_ptr<google::protobuf::Message> message,
                     WriteCallback done) = 0;
  // After the last `Write` is done: there are no more.
  virtual void WritesDone() = 0;
};

// The responses of a server-streaming call.
class ResponseStream : public UpstreamCall {
 public:
  // One at a time: `done` gets the next message, or how the call ended; nothing
  // may be read after that.
  virtual void Read(ReplyCallback done) = 0;

  // Before the first `Read`, and at most once: `done` comes when the server has
  // said that the call goes on, be it long before the first message.  It may
  // come just before the end of a call that is refused, so wait a moment before
  // believing it.  An upstream that cannot know never calls it.
  virtual void AwaitBegin(BeginCallback /*done*/) {}
};

// Thread-safe.  Must outlive its calls.
class Upstream {
 public:
  using Method = google::protobuf::MethodDescriptor;
  using MessagePtr = std::unique_ptr<google::protobuf::Message>;

  virtual ~Upstream() = default;

  // `done` gets the response, or the error.
  virtual std::unique_ptr<UpstreamCall> Unary(const Method& method,
                                              CallHeaders headers,
                                              MessagePtr request,
                                              ReplyCallback done) = 0;

  // `done` gets the response, or the error, which may come before everything
  // was written.
  virtual std::unique_ptr<RequestStream> ClientStreaming(
      const Method& method, CallHeaders headers, ReplyCallback done) = 0;

  virtual std::unique_ptr<ResponseStream> ServerStreaming(
      const Method& method, CallHeaders headers, MessagePtr request) = 0;

  // Whether the caller may make this call, asked before the body of its request
  // is read: `done` gets the error that the call would get, or OK.  The call
  // that follows OK has `admitted` in its headers.  `costly`: the body is long
  // or compressed, so that it is worth a call to somewhere else to ask.  Null,
  // and `done` is dropped, if there is no reason not to read the body, which is
  // the default.
  virtual std::unique_ptr<UpstreamCall> Admit(const Method& method,
                                              const CallHeaders& headers,
                                              bool costly, ReplyCallback done);

  // Whether calls are served: `done` gets no message, but OK once one of the
  // servers that they may go to says so, or UNAVAILABLE if none does.  Asks by
  // `Unary`, which is enough where there is one server.
  virtual std::unique_ptr<UpstreamCall> Check(CallHeaders headers,
                                              ReplyCallback done);
};

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_UPSTREAM_UPSTREAM_H_
