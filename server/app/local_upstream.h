// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "base/async/executor.h"
#include "gateway/upstream/upstream.h"
#include "server/rpc/dispatch.h"

namespace pinhole::app {

// Connects the gateway to the services of this process: hands calls to the
// server's loops in turn, without gRPC in between.
class LocalUpstream final : public gateway::Upstream {
 public:
  // `dispatch` and `loops` (at least one) must outlive this object and all of
  // its calls: a loop must run all posted work before it ends.
  LocalUpstream(const rpc::Dispatch& dispatch, std::vector<Executor*> loops);

  // All three: UNIMPLEMENTED if the registry has no such method.
  std::unique_ptr<gateway::UpstreamCall> Unary(
      const Method& method, gateway::CallHeaders headers, MessagePtr request,
      gateway::ReplyCallback done) override;
  std::unique_ptr<gateway::RequestStream> ClientStreaming(
      const Method& method, gateway::CallHeaders headers,
      gateway::ReplyCallback done) override;
  std::unique_ptr<gateway::ResponseStream> ServerStreaming(
      const Method& method, gateway::CallHeaders headers,
      MessagePtr request) override;
  // Calls `Dispatch::Admit`.
  std::unique_ptr<gateway::UpstreamCall> Admit(
      const Method& method, const gateway::CallHeaders& headers, bool costly,
      gateway::ReplyCallback done) override;

 private:
  Executor& NextLoop();

  const rpc::Dispatch& dispatch_;
  const std::vector<Executor*> loops_;
  std::atomic<std::size_t> next_ = 0;
};

}  // namespace pinhole::app
