// SPDX-License-Identifier: Apache-2.0

#ifndef PINHOLE_GATEWAY_UPSTREAM_REMOTE_UPSTREAM_H_
#define PINHOLE_GATEWAY_UPSTREAM_REMOTE_UPSTREAM_H_

#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "gateway/upstream/channel_pool.h"
#include "gateway/upstream/upstream.h"
#include "grpcpp/completion_queue.h"

namespace pinhole::gateway {

// Calls to gRPC servers elsewhere, each call to the next connection in turn.
// Those that cannot be reached are left out as long as others can; a server
// that was away is found again without being asked for.
class RemoteUpstream final : public Upstream {
 public:
  // HOST:PORT, grpcs://HOST:PORT (TLS) or unix:PATH each.  The files of TLS
  // must be good.  Does not connect yet.
  // Errors: INVALID_ARGUMENT (none given; channels out of range).
  static absl::StatusOr<std::unique_ptr<RemoteUpstream>> Create(
      const std::vector<std::string>& backends,
      RemoteUpstreamOptions options = {});

  // Awaits the calls that were let go, which their handles have cancelled:
  // their callbacks come before it returns.
  ~RemoteUpstream() override;

  std::unique_ptr<UpstreamCall> Unary(const Method& method, CallHeaders headers,
                                      MessagePtr request,
                                      ReplyCallback done) override;
  std::unique_ptr<RequestStream> ClientStreaming(const Method& method,
                                                 CallHeaders headers,
                                                 ReplyCallback done) override;
  std::unique_ptr<ResponseStream> ServerStreaming(const Method& method,
                                                  CallHeaders headers,
                                                  MessagePtr request) override;
  // Refuses callers without a token who need one, and asks a backend about the
  // token if the body is costly.  The rate of an address is counted by the call
  // itself, which comes after the body.
  std::unique_ptr<UpstreamCall> Admit(const Method& method,
                                      const CallHeaders& headers, bool costly,
                                      ReplyCallback done) override;
  // Asks all backends at once.
  std::unique_ptr<UpstreamCall> Check(CallHeaders headers,
                                      ReplyCallback done) override;

 private:
  RemoteUpstream(const std::vector<std::string>& backends,
                 const RemoteUpstreamOptions& options);

  void Poll();
  std::unique_ptr<UpstreamCall> CallUnary(
      grpc::GenericStub& stub, const Method& method, const CallHeaders& headers,
      const google::protobuf::Message& request, ReplyCallback done);

  const TokenCheck token_check_;
  ChannelPool lines_;
  StreamChannelPool stream_lines_;
  grpc::CompletionQueue queue_;
  absl::Notification calls_over_;
  std::shared_ptr<void>
      calls_;  // Held by each call.  Its last holder notifies `calls_over_`.
  std::thread poller_;
};

}  // namespace pinhole::gateway

#endif  // PINHOLE_GATEWAY_UPSTREAM_REMOTE_UPSTREAM_H_
