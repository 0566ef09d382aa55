// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "gateway/upstream/channel_pool.h"
#include "gateway/upstream/serving_backends.h"
#include "gateway/upstream/stream_channel_pool.h"
#include "gateway/upstream/upstream.h"
#include "grpcpp/completion_queue.h"

namespace pinhole::gateway {

// Calls remote gRPC servers, over their connections in turn.  Servers that
// cannot be reached, or report that they do not serve, are skipped as long as
// there are others, and are used again when they are back.
class RemoteUpstream final : public Upstream {
 public:
  // Each backend is HOST:PORT, grpcs://HOST:PORT (TLS) or unix:PATH.  The TLS
  // files must be valid.  Does not connect yet.
  // Errors: INVALID_ARGUMENT (there is no backend; `channels` is out of range).
  static absl::StatusOr<std::unique_ptr<RemoteUpstream>> Create(
      const std::vector<std::string>& backends,
      RemoteUpstreamOptions options = {});

  // Waits until the callbacks of all calls, which their handles have cancelled,
  // have been called.
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
  // Rejects callers without a token if the method needs one, and checks the
  // token with a backend if the body is costly.  The rate limit of an address
  // counts the call itself, which comes after the body.
  std::unique_ptr<UpstreamCall> Admit(const Method& method,
                                      const CallHeaders& headers, bool costly,
                                      ReplyCallback done) override;
  // Asks all backends at the same time.
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
  ServingBackends serving_;
  ChannelPool channels_;
  StreamChannelPool stream_channels_;
  grpc::CompletionQueue queue_;
  absl::Notification calls_over_;
  // Held by each call.  Its last owner notifies `calls_over_`.
  std::shared_ptr<void> calls_;
  std::thread poller_;
};

}  // namespace pinhole::gateway
