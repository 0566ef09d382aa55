// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/grpc/async_service.h"

#include <utility>

#include "grpcpp/impl/rpc_service_method.h"

namespace pinhole::rpc {
namespace {

grpc::internal::RpcMethod::RpcType KindOf(const Method& method) {
  if (method.bidi_streaming) {
    return grpc::internal::RpcMethod::BIDI_STREAMING;
  }
  if (method.client_streaming) {
    return grpc::internal::RpcMethod::CLIENT_STREAMING;
  }
  if (method.server_streaming) {
    return grpc::internal::RpcMethod::SERVER_STREAMING;
  }
  return grpc::internal::RpcMethod::NORMAL_RPC;
}

}  // namespace

AsyncService::AsyncService(std::vector<const Method*> methods)
    : methods_(std::move(methods)) {
  names_.reserve(methods_.size());  // gRPC keeps pointers to the strings.
  for (const Method* method : methods_) {
    names_.push_back("/" + method->descriptor->service()->full_name() + "/" +
                     method->descriptor->name());
    AddMethod(new grpc::internal::RpcServiceMethod(  // AddMethod owns it.
        names_.back().c_str(), KindOf(*method), nullptr));
    MarkMethodRaw(static_cast<int>(names_.size()) - 1);
  }
}

}  // namespace pinhole::rpc
