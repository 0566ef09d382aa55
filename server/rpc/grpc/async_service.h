// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <vector>

#include "grpcpp/impl/service_type.h"
#include "server/rpc/registry.h"

namespace pinhole::rpc {

// The names and kinds of a service's methods, for gRPC.
class AsyncService final : public grpc::Service {
 public:
  // `methods` are those of one service and must outlive this object.
  explicit AsyncService(std::vector<const Method*> methods);

  const std::vector<const Method*>& methods() const { return methods_; }

  // Request the next call of a method, by its index.
  using grpc::Service::RequestAsyncBidiStreaming;
  using grpc::Service::RequestAsyncClientStreaming;
  using grpc::Service::RequestAsyncServerStreaming;
  using grpc::Service::RequestAsyncUnary;

 private:
  const std::vector<const Method*> methods_;
  std::vector<std::string> names_;
};

}  // namespace pinhole::rpc
