// SPDX-License-Identifier: Apache-2.0

#include "pinhole/client.h"

namespace pinhole::client {

absl::StatusOr<v1::ServerInfo> Client::GetServerInfo() const {
  return connection_.Call(&v1::AdminService::Stub::GetServerInfo, {});
}

absl::StatusOr<grpc::health::v1::HealthCheckResponse> Client::CheckHealth(
    const std::string& service) const {
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(service);
  return connection_.Call(&grpc::health::v1::Health::Stub::Check, request,
                          Repeat::kNever);
}

}  // namespace pinhole::client
