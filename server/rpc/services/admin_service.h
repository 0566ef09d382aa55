// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "base/async/task.h"
#include "pinhole/v1/admin_service.pb.h"
#include "server/domain/accounts.h"
#include "server/domain/backup/backups.h"
#include "server/domain/imports.h"
#include "server/rpc/call.h"
#include "server/rpc/registry.h"

namespace pinhole::rpc {

// Answers pinhole.v1.AdminService.  Thread-safe.
class AdminService {
 public:
  // All references must outlive this object.  `instance_id` is reported as
  // ServerInfo.instance_id, and `user_uploads`, the maximum number of
  // concurrent uploads of one user, as Limits.max_concurrent_uploads.
  AdminService(domain::Backups& backups, domain::Imports& imports,
               const domain::Accounts& accounts, std::string instance_id,
               int user_uploads)
      : backups_(backups),
        imports_(imports),
        accounts_(accounts),
        instance_id_(std::move(instance_id)),
        user_uploads_(user_uploads) {}

  // Adds the handlers, which refer to this object.
  void AddTo(Registry& registry);

 private:
  Task<absl::StatusOr<v1::ServerInfo>> GetServerInfo(
      Call&, const v1::GetServerInfoRequest&);
  Task<absl::StatusOr<v1::Backup>> CreateBackup(Call&,
                                                const v1::CreateBackupRequest&);
  Task<absl::StatusOr<v1::ImportUsersResponse>> ImportUsers(
      Call&, const v1::ImportUsersRequest&);

  domain::Backups& backups_;
  domain::Imports& imports_;
  const domain::Accounts& accounts_;
  const std::string instance_id_;
  const int user_uploads_;
};

}  // namespace pinhole::rpc
