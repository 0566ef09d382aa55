// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/grpc/unknown_method_call.h"

#include <string_view>

#include "base/errors.h"
#include "base/request_id.h"
#include "base/utf8.h"
#include "fmt/format.h"
#include "server/rpc/call.h"
#include "server/rpc/error_details.h"

namespace pinhole::rpc {
namespace {

std::string_view RequestIdOf(const grpc::ServerContext& context) {
  const auto found = context.client_metadata().find("x-request-id");
  if (found == context.client_metadata().end()) return {};
  return {found->second.data(), found->second.size()};
}

}  // namespace

void UnknownMethodCall::Accept(LoopCalls& loop_calls,
                               grpc::AsyncGenericService& service) {
  auto* const call = new UnknownMethodCall(loop_calls, service);
  service.RequestCall(&call->context_, &call->stream_, loop_calls.loop.queue(),
                      loop_calls.loop.queue(),
                      static_cast<Completion*>(&call->accepted_));
}

UnknownMethodCall::UnknownMethodCall(LoopCalls& loop_calls,
                                     grpc::AsyncGenericService& service)
    : loop_calls_(loop_calls), service_(service) {
  loop_calls_.AddObject();
}

UnknownMethodCall::~UnknownMethodCall() { loop_calls_.RemoveObject(); }

void UnknownMethodCall::OnAccepted(bool ok) {
  if (!ok) {  // The server shuts down.
    delete this;
    return;
  }
  Accept(loop_calls_, service_);
  Call call;
  call.request_id = ChooseRequestId(RequestIdOf(context_));
  const google::rpc::Status answer =
      ToClient(MakeError(Reason::kMethodNotFound,
                         fmt::format("the server does not have the method {}",
                                     Escape(context_.method()))),
               call);
  context_.AddTrailingMetadata("x-request-id", call.request_id);
  stream_.Finish(ToGrpc(answer), static_cast<Completion*>(&finished_));
}

}  // namespace pinhole::rpc
