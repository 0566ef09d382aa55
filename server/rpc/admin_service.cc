// SPDX-License-Identifier: Apache-2.0

#include "server/rpc/admin_service.h"

#include "server/model/limits.h"
#include "server/rpc/bind.h"

namespace pinhole::rpc {

void AdminService::AddTo(Registry& registry) {
  registry.Unary("pinhole.v1.AdminService.GetServerInfo",
                 Bind(*this, &AdminService::GetServerInfo));
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

}  // namespace pinhole::rpc
