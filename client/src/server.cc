// SPDX-License-Identifier: Apache-2.0

#include "pinhole/client.h"

namespace pinhole::client {

absl::StatusOr<v1::ServerInfo> Client::GetServerInfo() const {
  return connection_.Call(&v1::AdminService::Stub::GetServerInfo, {});
}

absl::StatusOr<v1::Backup> Client::CreateBackup() const {
  v1::Backup backup;
  const auto attempt = [&](grpc::ClientContext& context) {
    return FromGrpc(connection_.stub<v1::AdminService::Stub>().CreateBackup(
        &context, v1::CreateBackupRequest(), &backup));
  };
  const absl::Status status =
      connection_.Run(Repeat::kNever, absl::InfiniteDuration(), attempt);
  if (!status.ok()) return status;
  return backup;
}

absl::StatusOr<v1::ImportUsersResponse> Client::ImportUsers(
    const v1::ImportUsersRequest& request) const {
  return connection_.Call(&v1::AdminService::Stub::ImportUsers, request);
}

absl::StatusOr<grpc::health::v1::HealthCheckResponse> Client::CheckHealth(
    const std::string& service) const {
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(service);
  return connection_.Call(&grpc::health::v1::Health::Stub::Check, request,
                          Repeat::kNever);
}

}  // namespace pinhole::client
