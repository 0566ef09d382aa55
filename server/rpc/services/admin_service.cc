// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/services/admin_service.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "base/errors.h"
#include "base/log/log.h"
#include "base/status_macros.h"
#include "fmt/format.h"
#include "server/domain/text/text.h"
#include "server/model/limits.h"
#include "server/rpc/services/convert.h"
#include "server/rpc/services/photo_service.h"
#include "server/rpc/services/service_handlers.h"

namespace pinhole::rpc {
namespace {

v1::Backup ToProto(const domain::Backup& backup) {
  v1::Backup proto;
  proto.set_name("backups/" + backup.path.filename().string());
  proto.set_path(backup.path.string());
  *proto.mutable_create_time() = rpc::ToProto(backup.manifest.create_time);
  absl::Duration rest;
  proto.mutable_duration()->set_seconds(
      absl::IDivDuration(backup.duration, absl::Seconds(1), &rest));
  proto.mutable_duration()->set_nanos(
      static_cast<std::int32_t>(absl::ToInt64Nanoseconds(rest)));
  proto.set_verified(true);
  proto.set_user_count(backup.manifest.users);
  proto.set_photo_count(backup.manifest.photos);
  proto.set_database_bytes(backup.manifest.database_bytes);
  proto.set_photo_bytes(backup.manifest.photo_bytes);
  return proto;
}

absl::StatusOr<domain::Import> FromProto(const v1::ImportUsersRequest& proto) {
  if (proto.users_size() > limits::kMaxImportUsers) {
    return InvalidField(
        "users", fmt::format("must have at most {} entries; import the others "
                             "in another call",
                             limits::kMaxImportUsers));
  }
  domain::Import import;
  std::map<std::string, int> places;  // By handle.
  for (int i = 0; i < proto.users_size(); ++i) {
    const v1::UserToImport& user = proto.users(i);
    const std::string field = fmt::format("users[{}].handle", i);
    ASSIGN_OR_RETURN(std::string handle,
                     domain::NormalizeHandle(field, user.handle()));
    const auto [place, first] = places.emplace(handle, i);
    if (!first) {
      return InvalidField(
          field,
          fmt::format("must differ from users[{}].handle", place->second));
    }
    ASSIGN_OR_RETURN(
        std::string display_name,
        domain::NormalizeDisplayName(fmt::format("users[{}].display_name", i),
                                     user.display_name()));
    import.users.push_back({std::move(handle), std::move(display_name)});
  }
  if (!proto.password().empty()) {
    RETURN_IF_ERROR(domain::CheckNewPassword("password", proto.password()));
  }
  import.password = proto.password();
  import.with_sessions = proto.with_sessions();
  return import;
}

v1::ImportUsersResponse ToProto(std::vector<domain::ImportedUser> users) {
  v1::ImportUsersResponse proto;
  for (domain::ImportedUser& user : users) {
    v1::ImportedUser& one = *proto.add_users();
    one.set_name("users/" + user.handle);
    one.set_created(user.created);
    one.set_token(std::move(user.token));
  }
  return proto;
}

}  // namespace

void AdminService::AddTo(Registry& registry) {
  ServiceHandlers handlers(registry, "pinhole.v1.AdminService");
  handlers.Add("GetServerInfo", *this, &AdminService::GetServerInfo);
  handlers.Add("CreateBackup", *this, &AdminService::CreateBackup);
  handlers.Add("ImportUsers", *this, &AdminService::ImportUsers);
}

Task<absl::StatusOr<v1::ServerInfo>> AdminService::GetServerInfo(
    Call&, const v1::GetServerInfoRequest&) {
  v1::ServerInfo info;
  info.set_version(PINHOLE_VERSION);
  info.set_instance_id(instance_id_);
  *info.mutable_accepted_content_types() = UploadOption().content_types();
  info.set_registration(accounts_.registration() == domain::Registration::kOpen
                            ? v1::REGISTRATION_OPEN
                            : v1::REGISTRATION_CLOSED);
  v1::Limits& said = *info.mutable_limits();
  said.set_max_photo_bytes(limits::kMaxPhotoBytes);
  said.set_max_photo_pixels(limits::kMaxPhotoPixels);
  said.set_max_photo_side(limits::kMaxPhotoSide);
  said.set_max_chunk_bytes(limits::kMaxChunkBytes);
  said.set_max_caption_characters(limits::kMaxCaptionCharacters);
  said.set_max_comment_characters(limits::kMaxCommentCharacters);
  said.set_max_alt_text_characters(limits::kMaxAltTextCharacters);
  said.set_max_display_name_characters(limits::kMaxDisplayNameCharacters);
  said.set_max_bio_characters(limits::kMaxBioCharacters);
  said.set_min_password_bytes(limits::kMinPasswordBytes);
  said.set_max_password_bytes(limits::kMaxPasswordBytes);
  said.set_max_page_size(limits::kMaxPageSize);
  said.set_max_following(limits::kMaxFollowing);
  said.set_max_import_users(limits::kMaxImportUsers);
  said.set_max_blocks(limits::kMaxBlocks);
  said.set_default_page_size(limits::kDefaultPageSize);
  said.set_min_handle_characters(limits::kMinHandleCharacters);
  said.set_max_handle_characters(limits::kMaxHandleCharacters);
  said.set_max_concurrent_uploads(user_uploads_);
  said.mutable_request_id_retention()->set_seconds(
      absl::ToInt64Seconds(limits::kRequestIdRetention));
  co_return info;
}

Task<absl::StatusOr<v1::Backup>> AdminService::CreateBackup(
    Call&, const v1::CreateBackupRequest&) {
  CO_ASSIGN_OR_RETURN(const domain::Backup backup, co_await backups_.Create());
  // Logged because the caller may have disconnected.
  LogInfo("backup of {} photos created: {}", backup.manifest.photos,
          backup.path.string());
  co_return ToProto(backup);
}

Task<absl::StatusOr<v1::ImportUsersResponse>> AdminService::ImportUsers(
    Call& call, const v1::ImportUsersRequest& request) {
  CO_ASSIGN_OR_RETURN(domain::Import import, FromProto(request));
  import.deadline = call.deadline;
  // Logged before the import, which can create sessions even if it fails.
  LogInfo("@{} imports {} users; sessions: {}", call.caller.handle,
          import.users.size(), import.with_sessions ? "yes" : "no");
  CO_ASSIGN_OR_RETURN(std::vector<domain::ImportedUser> users,
                      co_await imports_.Run(std::move(import)));
  co_return ToProto(std::move(users));
}

}  // namespace pinhole::rpc
