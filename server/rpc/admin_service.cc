// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/admin_service.h"

#include <utility>

#include "absl/time/time.h"
#include "server/base/status_macros.h"
#include "server/model/limits.h"
#include "server/rpc/bind.h"
#include "server/rpc/convert.h"
#include "spdlog/spdlog.h"

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

}  // namespace

void AdminService::AddTo(Registry& registry) {
  registry.Unary("pinhole.v1.AdminService.GetServerInfo",
                 Bind(*this, &AdminService::GetServerInfo));
  registry.Unary("pinhole.v1.AdminService.CreateBackup",
                 Bind(*this, &AdminService::CreateBackup));
}

Task<absl::StatusOr<v1::ServerInfo>> AdminService::GetServerInfo(
    Call&, const v1::GetServerInfoRequest&) {
  v1::ServerInfo info;
  info.set_version(PINHOLE_VERSION);
  for (const char* type :
       {"image/jpeg", "image/png", "image/webp", "image/heic"}) {
    info.add_accepted_content_types(type);
  }
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
  co_return info;
}

Task<absl::StatusOr<v1::Backup>> AdminService::CreateBackup(
    Call&, const v1::CreateBackupRequest&) {
  CO_ASSIGN_OR_RETURN(const domain::Backup backup, co_await backups_.Create());
  // The caller may be gone by now.
  spdlog::info("backup of {} photos made: {}", backup.manifest.photos,
               backup.path.string());
  co_return ToProto(backup);
}

}  // namespace pinhole::rpc
